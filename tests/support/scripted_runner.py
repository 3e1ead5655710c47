# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command runner that answers from a table: the adapters above it are the real ones."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult

Reply = CommandResult | bytes | str | OSError | Callable[[Sequence[str]], "Reply"]


def answered(
    stdout: bytes | str = b"",
    stderr: bytes | str = b"",
    exit_code: int = 0,
    *,
    duration: float = 0.01,
    timed_out: bool = False,
    truncated: bool = False,
) -> CommandResult:
    """What a program said."""
    out, err = (text.encode() if isinstance(text, str) else text for text in (stdout, stderr))
    return CommandResult((), exit_code, out, err, duration, timed_out, truncated)


def hung(seconds: float = 5.0) -> CommandResult:
    """A program that was killed at its deadline."""
    return answered(exit_code=-9, duration=seconds, timed_out=True)


class ScriptedRunner:
    """Gives the first reply whose words all stand in the command line, in any order. Safe for threads.

    :param replies: (words, reply) pairs, for example ``("logs web", "a line")``.
    """

    def __init__(self, *replies: tuple[str, Reply]) -> None:
        self.replies = list(replies)
        self.calls: list[tuple[str, ...]] = []
        self._lock = threading.Lock()

    def run(
        self, argv: Sequence[str], *, deadline: float, stdin: bytes | None = None, limit: int = 1 << 20
    ) -> CommandResult:
        with self._lock:
            self.calls.append(tuple(argv))
        reply: Reply = next(
            (reply for words, reply in self.replies if all(word in argv for word in words.split())),
            answered(stderr=f"no reply to {' '.join(argv)}", exit_code=99),
        )
        while callable(reply):
            reply = reply(argv)
        if isinstance(reply, OSError):
            raise reply
        return reply if isinstance(reply, CommandResult) else answered(reply)

    @contextlib.contextmanager
    def stream(self, argv: Sequence[str], *, deadline: float) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.run(argv, deadline=deadline).stdout)
