# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Redis answers, whichever way it was asked, and the formatted output of ``redis-cli`` as such answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

Command = Sequence[str]
"""A command and its arguments."""


@dataclass(frozen=True)
class RedisError:
    """An error that Redis answered, for example ``OOM command not allowed when used memory > 'maxmemory'.``."""

    message: str

    @property
    def code(self) -> str:
        """Its first word: ``OOM``, ``MISCONF``, ``BUSY``, ``NOAUTH``..."""
        return self.message.split(" ", 1)[0]


Reply = Any
"""A ``RedisError``, text, a whole number, None, or a list of these. Bytes that are no UTF-8 are surrogates in text."""


class End(str, Enum):
    """How a conversation ended."""

    COMPLETE = "complete"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    NO_CLIENT = "no_client"
    FAILED = "failed"


@dataclass(frozen=True)
class Conversation:
    """The answers to some commands, in their order; fewer than commands when it ended early.

    :param error: why it ended early: not redacted.
    :param seconds: how long it took as a whole.
    """

    replies: tuple[Reply, ...]
    end: End
    error: str = ""
    seconds: float = 0.0

    def reply(self, position: int) -> Reply:
        """The answer to a command by its position, None when there is none."""
        return self.replies[position] if position < len(self.replies) else None


def as_line(command: Command) -> str:
    """A command as ``redis-cli`` reads it from its standard input: each word quoted, so that none can be two."""
    return " ".join(_quoted(word) for word in command)


def _quoted(word: str) -> str:
    data = word.encode("utf-8", "surrogateescape")
    return '"' + "".join(chr(byte) if _is_plain(byte) else f"\\x{byte:02x}" for byte in data) + '"'


def _is_plain(byte: int) -> bool:
    return 0x20 <= byte < 0x7F and byte not in b'"\\'


_TIME = re.compile(r"\(\d+\.\d\ds\)$")
_NUMBER = re.compile(r" *(?P<number>\d+)\) ")
_INFO = re.compile(r"#|[A-Za-z0-9_.|-]+:")
_INTEGER = re.compile(r"\(integer\) -?[0-9]{1,19}")
_ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}


def read_formatted(output: bytes) -> tuple[Reply, ...]:
    """Answers from what ``redis-cli --no-raw`` wrote. What was cut off in the middle of an answer is left out.

    Strings are quoted there, so that no value can look like an answer of its own; only the text of INFO is not, whose
    lines are told by their shape.
    """
    whole = output.rpartition(b"\n")[0] + b"\n" if output else b""
    lines = [line.rstrip("\r") for line in whole.decode("utf-8", "surrogateescape").split("\n")]
    return tuple(_replies([line for line in lines if line and not _TIME.match(line)]))


def _replies(lines: Sequence[str]) -> Iterator[Reply]:
    position = 0
    while position < len(lines):
        line, end = lines[position], position + 1
        numbered = _NUMBER.match(line)
        if numbered:
            while end < len(lines) and _goes_on(lines[end], numbered.end()):
                end += 1
            yield _list(lines[position:end], 0)
        elif _INFO.match(line):
            while end < len(lines) and _INFO.match(lines[end]):
                end += 1
            yield "\n".join(lines[position:end])
        else:
            yield _scalar(line)
        position = end


def _goes_on(line: str, inner: int) -> bool:
    """True for a further line of the list whose elements stand in that column; a number 1 there begins another list."""
    numbered = _NUMBER.match(line)
    if numbered and numbered.end() == inner:
        return int(numbered["number"]) != 1
    return not line[:inner].strip()


def _list(lines: Sequence[str], column: int) -> list[Reply]:
    """The elements of the list that begins in that column: what belongs to an element is indented below it."""
    numbered = _NUMBER.match(lines[0], column)
    if numbered is None:
        raise ValueError("not a list")
    inner = numbered.end()
    elements: list[list[str]] = []
    for number, line in enumerate(lines):
        if number == 0 or line[:inner].strip():
            elements.append([line])
        else:
            elements[-1].append(line)
    return [_element(element, inner) for element in elements]


def _element(lines: Sequence[str], column: int) -> Reply:
    return _list(lines, column) if _NUMBER.match(lines[0], column) else _scalar(lines[0][column:])


def _scalar(text: str) -> Reply:
    if text.startswith('"'):
        return _unquoted(text.strip()[1:-1])
    if _INTEGER.fullmatch(text):
        return int(text[len("(integer) ") :])
    if text.startswith("(error) "):
        return RedisError(text[len("(error) ") :].strip())
    if text.startswith("(empty "):
        return []
    return None if text == "(nil)" else text


def _unquoted(text: str) -> str:
    def plain(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return bytes([int(match[1], 16)])
        return _LETTERS.get(match[2], match[2])

    data = text.encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(plain, data).decode("utf-8", "surrogateescape")
