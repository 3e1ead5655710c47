# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``-e name=value`` hands on is text: it is read as what the option is, or refused with a remedy."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.filter.merged import FilterModule as Merged
from ansible_collections.agentfoundry.incident_response.plugins.filter.option import FilterModule as Option

option, merged = Option().filters()["option"], Merged().filters()["merged"]
SCENARIO = {"name": "own", "role": "a.b.own"}
RUNG = {"action": "wait", "tier": "safe", "findings": ["redis.loading"]}


@pytest.mark.parametrize(
    "given, kind, meant",
    [
        (None, "names", None),
        ([], "names", []),
        ("", "names", []),
        ("  ", "names", []),
        ("[]", "names", []),
        (["redis"], "names", ["redis"]),
        ("redis", "names", ["redis"]),
        ("redis,user-service", "names", ["redis", "user-service"]),
        ("redis, user-service,", "names", ["redis", "user-service"]),
        ("[redis,user-service]", "names", ["redis", "user-service"]),
        ('["redis", "user-service"]', "names", ["redis", "user-service"]),
        ("[on, 1, null]", "names", ["on", "1", "null"]),
        ([RUNG], "rungs", [RUNG]),
        ("[]", "rungs", []),
        ("[{action: wait, tier: safe, findings: [redis.loading]}]", "rungs", [RUNG]),
        ([], "mappings", []),
        ([RUNG], "mappings", [RUNG]),
        ("[{a: 1}]", "mappings", [{"a": 1}]),
        ([SCENARIO], "scenarios", [SCENARIO]),
        ('[{"name": "own", "role": "a.b.own"}]', "scenarios", [SCENARIO]),
        ({"a": 1}, "mapping", {"a": 1}),
        ("{}", "mapping", {}),
        ('{"redis_command_ms": 50}', "mapping", {"redis_command_ms": 50}),
        ("{redis_command_ms: 50}", "mapping", {"redis_command_ms": 50}),
        ("redis_command_ms=50", "mapping", {"redis_command_ms": "50"}),
        (300, "limit", 300.0),
        ("300", "limit", 300.0),
        ("0.5", "limit", 0.5),
        ("/dev/shm/.ansible-incident-response", "folder", "/dev/shm/.ansible-incident-response"),
    ],
)
def test_text_is_read_as_what_the_option_is(given: Any, kind: str, meant: Any) -> None:
    assert option(given, kind, "some_option") == meant


@pytest.mark.parametrize(
    "given, kind",
    [
        ("[redis", "names"),
        ("{redis: 1}", "names"),
        ("[[redis]]", "names"),
        ([1], "names"),
        (5, "names"),
        (True, "names"),
        ("", "rungs"),
        ("wait", "rungs"),
        ("[{", "rungs"),
        ({"action": "wait"}, "rungs"),
        ("", "mappings"),
        ("a=b", "mappings"),
        ({"a": 1}, "mappings"),
        ("[{day: 2026-13-45}]", "mappings"),
        ([RUNG, "wait"], "mappings"),
        (None, "mappings"),
        ([], "scenarios"),
        ("[]", "scenarios"),
        ("", "scenarios"),
        ("own", "scenarios"),
        ({"name": "own"}, "scenarios"),
        (None, "scenarios"),
        ("", "mapping"),
        ("fast", "mapping"),
        ('{"redis_command_ms":', "mapping"),
        ("[1]", "mapping"),
        ("", "limit"),
        ("5s", "limit"),
        ("nan", "limit"),
        ("inf", "limit"),
        (-1, "limit"),
        (0, "limit"),
        (True, "limit"),
        ([300], "limit"),
        ("9" * 400, "limit"),
        ("", "folder"),
        ("/", "folder"),
        ("/tmp", "folder"),
        ("//tmp", "folder"),
        ("tmp/ansible", "folder"),
        ("/dev/shm/a\nb", "folder"),
        (None, "folder"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name_with_its_value_and_a_remedy(given: Any, kind: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        option(given, kind, "some_option")

    assert f"some_option has the value {given!r}, which cannot be used. Give a " in str(caught.value)


@pytest.mark.parametrize("entry", ["own", {"name": "own"}, {"role": "a.b.own"}, {**SCENARIO, "name": " "}, None])
def test_a_scenario_without_name_or_role_is_told_by_its_place_in_the_list(entry: Any) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        option([SCENARIO, entry], "scenarios", "some_option")

    assert f"some_option[1] has the value {entry!r}, which cannot be used. Give a list of" in str(caught.value)


def test_a_key_of_a_scenario_that_is_none_is_told_before_anybody_looks() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        option([{**SCENARIO, "finding": ["redis.*"]}], "scenarios", "some_option")

    assert "some_option[0].finding has the value ['redis.*'], which cannot be used. Known keys: name, role," in str(
        caught.value
    )
    whole = {**SCENARIO, "playbook": "own.yml", "findings": ["own.*"]}
    assert option([whole], "scenarios", "some_option") == [whole]


def test_of_several_mappings_the_last_word_counts_and_the_wrong_one_is_named() -> None:
    assert merged([{"a": 1, "b": 1}, "{b: 2}"], "first", "second") == {"a": 1, "b": 2}

    with pytest.raises(AnsibleFilterError, match="second has the value 'x', which cannot be used"):
        merged([{"a": 1}, "x"], "first", "second")
