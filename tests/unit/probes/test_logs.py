# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from scripted_runner import ScriptedRunner, answered
from service_facts import container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    DockerCli,
    LogLine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.logs import (
    News,
    forged_spans,
    judge_lines,
    read_log,
)

SECRET = "Sesame-0pen!"
REDACTOR = Redactor([SECRET])
OLD, NEW = "2026-02-27T10:00:00.000000000Z", "2026-02-27T11:00:00.000000000Z"
SINCE = epoch_seconds("2026-02-27T10:30:00Z")


def test_recent_trouble_is_counted_and_old_trouble_only_shown() -> None:
    lines = [
        LogLine(OLD, "connection refused by db"),
        LogLine(NEW, "connection refused by db"),
        LogLine(NEW, f"connection refused for {SECRET}"),
        LogLine(NEW, "deadlock detected"),
    ]
    found = judge_lines(lines, REDACTOR, News(SINCE), 20)
    assert found.lines == 4
    assert [(item.name, item.count, item.last) for item in found.signatures] == [
        ("refused", 2, "connection refused for [redacted]"),
        ("deadlock", 1, "deadlock detected"),
    ]
    assert found.excerpt[0] == "connection refused by db"
    assert len(found.excerpt) == 4


def test_trouble_in_colour_is_trouble() -> None:
    found = judge_lines([LogLine(NEW, "\x1b[31mECONN\x1b[0mREFUSED\x1b[0m")], REDACTOR, News(SINCE), 20)
    assert [item.name for item in found.signatures] == ["refused"]


def test_only_the_newest_lines_are_shown() -> None:
    lines = [LogLine(NEW, f"line {number}") for number in range(50)]
    assert judge_lines(lines, REDACTOR, News(SINCE), 3).excerpt == ("line 47", "line 48", "line 49")


def test_a_private_key_over_several_lines_is_hidden_whole() -> None:
    key = ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBg", "kqhkiG9w0BAQEF", "-----END PRIVATE KEY-----"]
    lines = [LogLine(NEW, text) for text in ("before", *key, "after")]
    assert judge_lines(lines, REDACTOR, News(SINCE), 20).excerpt == ("before", "[redacted]", "after")


def test_a_progress_bar_is_one_line() -> None:
    assert judge_lines([LogLine(NEW, "10 %\r20 %\r30 %")], REDACTOR, News(SINCE), 20).excerpt == ("10 % 20 % 30 %",)


def test_the_logs_of_several_containers_are_one() -> None:
    runner = ScriptedRunner(
        ("logs a", f"{OLD} first\n{NEW} fourth\n"), ("logs b", f"{OLD[:-2]}1Z second\n{OLD[:-2]}2Z third\n")
    )
    found = read_log(DockerCli(runner), [container(id="a"), container(id="b")], 3, 5.0)
    assert [line.text for line in found] == ["second", "third", "fourth"]


def test_an_empty_log_is_empty() -> None:
    found = judge_lines(
        read_log(DockerCli(ScriptedRunner(("logs", answered()))), [container()], 3, 5.0), REDACTOR, News(0.0), 9
    )
    assert (found.lines, found.signatures, found.excerpt) == (0, (), ())


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("1970-01-01T00:01:40Z", 100.0),
        ("1970-01-01T00:01:40.999999999Z", 100.0),
        ("0001-01-01T00:00:00Z", -62135596800.0),
        ("", 0.0),
        ("yesterday", 0.0),
        ("2026-13-01T00:00:00Z", 0.0),
    ],
)
def test_a_time_of_dockers_is_read(text: str, seconds: float) -> None:
    assert epoch_seconds(text) == seconds


@pytest.mark.parametrize(
    "at, text, counted",
    [
        ("2026-11-25T10:00:10.9Z", "401: Signature verification failed", 0),
        ("2026-11-25T10:00:12.9Z", "401: Signature verification failed", 0),
        ("2026-11-25T10:00:09.9Z", "401: Signature verification failed", 1),
        ("2026-11-25T10:00:15.0Z", "401: Signature verification failed", 1),
        ("2026-11-25T10:00:11.5Z", "connect ECONNREFUSED 10.0.0.1:5432", 1),
    ],
    ids=["while", "written a little later", "before", "after", "of another class"],
)
def test_what_a_service_says_of_the_forged_tokens_that_a_probe_showed_it_is_no_trouble(
    at: str, text: str, counted: int
) -> None:
    began = epoch_seconds("2026-11-25T10:00:10Z") + 0.5
    news = News(began - 300, forged_spans([{"secrets": {}}, {"forged_at": [began, began + 2.0]}]))

    found = judge_lines([LogLine(at, text)], REDACTOR, news, 20)

    assert sum(signature.count for signature in found.signatures) == counted
    assert found.excerpt == (text,)
