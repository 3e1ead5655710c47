# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook with a rulebook of the checkout, as a person starts it, and a place to read what it did."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml
from quick import QUICK

from checkout import ROOT

DEADLINE = 240.0
"""Seconds; a run takes some ten on a machine that does nothing else."""


def until(holds: Callable[[], Any], what: str, deadline: float = DEADLINE) -> Any:
    """Wait until it holds and return its answer.

    :raises AssertionError: it did not hold within ``deadline`` seconds.
    """
    end = time.monotonic() + deadline
    while not (answer := holds()):
        assert time.monotonic() < end, f"in {deadline:g} s it did not come to this: {what}"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    """Return a TCP port of loopback that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    """Tell whether somebody listens on this port of loopback."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def post(port: int, body: str, headers: Mapping[str, str]) -> int:
    """Post to a port of loopback and return the status of the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/alerts", body, {"Content-Type": "application/json", **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def quick_inventory(folder: Path) -> Path:
    """The checkout's inventory, with windows small enough for a test."""
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", **QUICK}
    known: dict[str, Any] = yaml.safe_load((ROOT / "inventory" / "group_vars" / "platforms.yml").read_text("utf-8"))
    path = folder / "hosts.yml"
    path.write_text(yaml.safe_dump({"platforms": {"hosts": {"agentfoundry": host}, "vars": known}}), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Program:
    """A program that runs, and what it said so far."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until(self, holds: Callable[[], Any], what: str) -> None:
        """Wait until it holds.

        :raises AssertionError: it did not in time, or the program ended; the message holds what it said last.
        """
        end = time.monotonic() + DEADLINE
        while not holds():
            code = self.process.poll()
            assert code is None, f"ended with {code} before this: {what}\n{self.output[-3000:]}"
            assert time.monotonic() < end, f"in {DEADLINE:g} s it did not come to this: {what}\n{self.output[-3000:]}"
            time.sleep(0.05)

    def says(self, words: str) -> None:
        """Wait until these words were said."""
        self.until(lambda: words in self.output, f"it says {words!r}")

    def listens(self, port: int) -> None:
        """Wait until somebody listens on this port of loopback."""
        self.until(lambda: answers(port), f"somebody listens on {port}")


@contextlib.contextmanager
def program(command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> Iterator[Program]:
    """A program that runs until the end of the block, in a process group of its own; its output is in the log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Program(process, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def running(
    name: str,
    folder: Path,
    variables: Mapping[str, Any],
    environment: Mapping[str, str],
    *options: str,
    inventory: Path = ROOT / "inventory",
) -> Iterator[Program]:
    """The rulebook of this name, ready for events.

    :param folder: for its variables and its log.
    :param variables: of the rulebook. :param options: more of the command line.
    """
    path, log = folder / "rulebook-vars.yml", folder / "rulebook.log"
    path.write_text(yaml.safe_dump(dict(variables)), encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("ansible-rulebook")),
        "--rulebook",
        f"agentfoundry.incident_response.{name}",
        "--inventory",
        str(inventory),
        "--vars",
        str(path),
        "--verbose",
        *options,
    ]
    settings = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ANSIBLE_NOCOLOR": "true",
        **environment,
    }
    with program(command, log, settings) as rulebook:
        rulebook.says("Waiting for events")
        yield rulebook
