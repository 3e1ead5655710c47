# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    RedisError,
    Reply,
    as_line,
    read_formatted,
)


@pytest.mark.parametrize(
    "output, replies",
    [
        (b"", ()),
        (b"PONG\n", ("PONG",)),
        (b"(nil)\n(integer) 3\n(integer) -1\n", (None, 3, -1)),
        (b"(error) OOM command not allowed\n", (RedisError("OOM command not allowed"),)),
        (b"(empty array)\n(empty list or set)\n", ([], [])),
        (rb'"a\nb\x00\xff\"q\\n"' + b"\n", ('a\nb\x00\udcff"q\\n',)),
        (b'1) "a"\n2) (nil)\nOK\n', (["a", None], "OK")),
        (b'1) "0"\n2) 1) "k"\n   2) "l"\n', (["0", ["k", "l"]],)),
        (b'1) "a"\n1) "b"\n', (["a"], ["b"])),
        (b"(0.61s)\nPONG\n", ("PONG",)),
        (b"# Server\r\nredis_version:7.0.15\r\n\r\n# Keyspace\r\ndb0:keys=1\r\nOK\n",
         ("# Server\nredis_version:7.0.15\n# Keyspace\ndb0:keys=1", "OK")),
        (b'PONG\n1) "cut of', ("PONG",)),
    ],
)  # fmt: skip
def test_what_redis_cli_writes_is_read_as_answers(output: bytes, replies: tuple[Reply, ...]) -> None:
    assert read_formatted(output) == replies


def test_a_list_of_ten_has_its_numbers_aligned() -> None:
    output = "".join(f'{number:2d}) 1) "k{number}"\n    2) (integer) {number}\n' for number in range(1, 11))
    assert read_formatted(output.encode()) == ([[f"k{number}", number] for number in range(1, 11)],)


def test_a_value_cannot_look_like_an_answer_of_its_own() -> None:
    output = b'1) "x\\n(error) OOM\\n1) \\"y\\""\nPONG\n'
    assert read_formatted(output) == (['x\n(error) OOM\n1) "y"'], "PONG")


@given(st.binary() | st.text(alphabet='0123456789 )(\n"\\x:#integr').map(str.encode))
def test_whatever_comes_is_read_as_something(output: bytes) -> None:
    assert len(read_formatted(output)) <= output.count(b"\n")


@given(st.lists(st.text(), min_size=1))
def test_no_word_of_a_command_can_be_two_or_another_line(words: list[str]) -> None:
    words = [word.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for word in words]
    line = as_line(words)
    assert line.isascii()
    assert line.isprintable()
    assert len(shlex.split(line)) == len(words)


def test_the_first_word_of_an_error_is_its_code() -> None:
    assert RedisError("MISCONF Redis is configured to save").code == "MISCONF"
