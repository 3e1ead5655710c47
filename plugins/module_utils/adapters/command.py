# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs other programs: never through a shell, never longer than a deadline, never more output than a limit."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol, cast

_CHUNK = 1 << 16
_POLL = 0.05
"""Seconds between two looks at whether the program has ended while something else keeps its pipes open."""


@dataclass(frozen=True)
class CommandResult:
    """What a program answered.

    :param exit_code: the program's exit code; minus the signal's number when it was killed.
    :param stdout: at most ``limit`` bytes.
    :param stderr: at most ``limit`` bytes.
    :param duration: seconds.
    :param timed_out: True when it was killed at its deadline.
    :param truncated: True when it was killed because it wrote more than ``limit`` bytes.
    """

    argv: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: bytes
    duration: float
    timed_out: bool = False
    truncated: bool = False

    @property
    def succeeded(self) -> bool:
        """Exit code 0 within the deadline."""
        return self.exit_code == 0 and not self.timed_out


class CommandRunner(Protocol):
    """Where an adapter's commands go; a test hands in one that answers from recorded output."""

    def run(
        self, argv: Sequence[str], *, deadline: float, stdin: bytes | None = None, limit: int = 1 << 20
    ) -> CommandResult:
        """Run to the end.

        :param deadline: seconds after which the program and its children are killed.
        :param limit: bytes kept of each stream; more than that ends the program.
        :raises OSError: the program does not exist or must not be executed.
        """

    def stream(self, argv: Sequence[str], *, deadline: float) -> AbstractContextManager[BinaryIO]:
        """The program's standard output as a file, for content that does not fit in memory.

        At the deadline (seconds) the program is killed, which shows as an early end of file. Leaving the context
        ends the program. Standard error is dropped.

        :raises OSError: the program does not exist or must not be executed.
        """


class SubprocessRunner:
    """The real thing. Each program gets a process group of its own, so that its children end with it.

    Safe for use by several threads. :meth:`kill_all` ends what is still under way.

    :param at_once: how many programs :meth:`run` lets run side by side: a platform in trouble may be short of memory,
        and each client of Docker takes some megabytes. Waiting for a turn counts towards the deadline.
    """

    def __init__(self, at_once: int = 24) -> None:
        self._turns = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._alive: set[int] = set()
        self._closed = False

    def run(
        self, argv: Sequence[str], *, deadline: float, stdin: bytes | None = None, limit: int = 1 << 20
    ) -> CommandResult:
        """See :class:`CommandRunner`."""
        begin = time.monotonic()
        if not self._turns.acquire(timeout=deadline):
            return CommandResult(tuple(argv), -signal.SIGKILL, b"", b"", time.monotonic() - begin, timed_out=True)
        try:
            return self._run(argv, begin, deadline, stdin, limit)
        finally:
            self._turns.release()

    def _run(
        self, argv: Sequence[str], begin: float, deadline: float, stdin: bytes | None, limit: int
    ) -> CommandResult:
        process = self._start(argv, stdin is not None, subprocess.PIPE)
        try:
            exchange = _Exchange(process, stdin or b"", limit)
            exchange.run_until(begin + deadline)
        finally:
            self._end(process)
        return CommandResult(
            argv=tuple(argv),
            exit_code=process.returncode,
            stdout=bytes(exchange.stdout[:limit]),
            stderr=bytes(exchange.stderr[:limit]),
            duration=time.monotonic() - begin,
            timed_out=exchange.timed_out,
            truncated=exchange.truncated,
        )

    @contextlib.contextmanager
    def stream(self, argv: Sequence[str], *, deadline: float) -> Iterator[BinaryIO]:
        """See :class:`CommandRunner`."""
        process = self._start(argv, False, subprocess.DEVNULL)
        killer = threading.Timer(deadline, _kill_group, [process.pid])
        killer.daemon = True
        killer.start()
        try:
            yield cast("BinaryIO", process.stdout)
        finally:
            killer.cancel()
            self._end(process)

    def kill_all(self) -> None:
        """End every program that still runs and start no other one: called once, before the process leaves."""
        with self._lock:
            self._closed = True
            for pid in self._alive:
                _kill_group(pid)

    def _start(self, argv: Sequence[str], with_stdin: bool, stderr: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise OSError("no more programs are started")
            # Not AnsibleModule.run_command: this needs a process group, a deadline and a bounded output.
            process = subprocess.Popen(  # pylint: disable=ansible-bad-function
                list(argv),
                stdin=subprocess.PIPE if with_stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C", "DOCKER_CLI_HINTS": "false"},
            )
            self._alive.add(process.pid)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of the group, reap the program and close the pipes."""
        with self._lock:
            # Not yet reaped, so the number cannot belong to anybody else.
            _kill_group(process.pid)
            process.wait()
            self._alive.discard(process.pid)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class _Exchange:
    """Feeds a program and collects its output until it ends, the deadline passes or it writes too much."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, limit: int) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.timed_out = False
        self._process = process
        self._left = memoryview(stdin)
        self._limit = limit

    @property
    def truncated(self) -> bool:
        return len(self.stdout) > self._limit or len(self.stderr) > self._limit

    def run_until(self, end: float) -> None:
        with selectors.DefaultSelector() as selector:
            self._register(selector)
            while selector.get_map() and not self.truncated:
                remaining = end - time.monotonic()
                if remaining <= 0:
                    self.timed_out = True
                    return
                # Asked before: what the program wrote at its very end is then among what is ready.
                ended = _has_ended(self._process)
                ready = selector.select(0 if ended else min(remaining, _POLL))
                for key, _events in ready:
                    self._serve(selector, key)
                if ended and not ready:
                    return
        if not self.truncated:
            self.timed_out = not _wait_end(self._process, end)

    def _register(self, selector: selectors.BaseSelector) -> None:
        for pipe, buffer in ((self._process.stdout, self.stdout), (self._process.stderr, self.stderr)):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ, buffer)
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)
            selector.register(self._process.stdin, selectors.EVENT_WRITE)

    def _serve(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if key.events & selectors.EVENT_WRITE:
            try:
                self._left = self._left[os.write(key.fd, self._left[:_CHUNK]) :] if self._left else self._left
            except OSError:  # the program does not want the rest
                self._left = self._left[:0]
            if not self._left:
                selector.unregister(key.fileobj)
                _close(key.fileobj)
            return
        chunk = os.read(key.fd, _CHUNK)
        if chunk:
            key.data.extend(chunk)
        else:
            selector.unregister(key.fileobj)


def _close(pipe: object) -> None:
    with contextlib.suppress(OSError):
        pipe.close()  # type: ignore[attr-defined]


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """True when the program has ended, without reaping it: its number stays ours until :meth:`_end`."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait_end(process: subprocess.Popen[bytes], end: float) -> bool:
    while not _has_ended(process):
        if time.monotonic() >= end:
            return False
        time.sleep(0.001)
    return True


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
