# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Docker's events come to: what is told, what is held, what is told once; and which arguments are refused."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from docker_events import docker_event
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.extensions.eda.plugins.event_source.compose_events import (
    Lines,
    Options,
    Watch,
    read_options,
)

CRASH = "agentfoundry.incident_response.remediate_service_crash"
MODEL = "agentfoundry.incident_response.remediate_model_server"


def watch(**options: Any) -> Watch:
    given = {"platforms": {"shop": "docker1"}, "playbooks": {"model-server": MODEL}, **options}
    return Watch(read_options(given), since="1772200000.000000000")


def told(seen: Watch, now: float) -> list[str]:
    return [event["compose"]["detail"] for event in seen.due(now)]


def test_a_container_that_died_is_told_after_the_hold_with_its_service_playbook_and_host() -> None:
    seen = watch()
    seen.take(docker_event("die", "web", labels={"exitCode": "137"}), now=0.0)

    assert seen.due(14.9) == []
    assert seen.due(15.0) == [
        {
            "compose": {
                "project": "shop",
                "host": "docker1",
                "playbook": CRASH,
                "services": ["web"],
                "detail": "web died with exit code 137",
            },
            "meta": {"hosts": ["docker1"]},
        }
    ]
    assert (seen.due(16.0), seen.next_due(16.0)) == ([], None)


@pytest.mark.parametrize("container", ["one", "another, of the same number"])
def test_a_container_that_is_started_again_within_the_hold_is_not_told(container: str) -> None:
    seen = watch()
    seen.take(docker_event("die", "web", container="one"), now=0.0)
    seen.take(docker_event("start", "web", container=container), now=14.0)

    assert (told(seen, 100.0), seen.next_due(100.0)) == ([], None)


def test_the_start_of_another_container_of_the_service_lifts_no_hold() -> None:
    seen = watch()
    seen.take(docker_event("die", "web", number="1"), now=0.0)
    seen.take(docker_event("start", "web", number="2"), now=1.0)

    assert told(seen, 15.0) == ["web died with exit code 1"]


def test_out_of_memory_and_a_failing_health_check_are_told_at_once() -> None:
    seen = watch()
    seen.take(docker_event("oom", "web"), now=0.0)
    seen.take(docker_event("health_status: unhealthy", "model-server"), now=0.0)
    seen.take(docker_event("health_status: healthy", "redis"), now=0.0)

    events = seen.due(0.0)
    assert [(event["compose"]["detail"], event["compose"]["playbook"]) for event in events] == [
        ("web ran out of memory", CRASH),
        ("model-server is unhealthy", MODEL),
    ]


def test_what_comes_in_the_pause_is_told_as_one_afterwards_and_nothing_is_dropped() -> None:
    seen = watch(pause=60, die_hold=0)
    seen.take(docker_event("die", "web"), now=0.0)
    assert told(seen, 0.0) == ["web died with exit code 1"]

    for service in ("web", "api", "web"):
        seen.take(docker_event("oom", service), now=10.0)
    assert (told(seen, 59.9), seen.next_due(10.0)) == ([], 50.0)
    assert told(seen, 60.0) == ["web ran out of memory, api ran out of memory"]


def test_a_storm_of_services_is_one_event_that_names_the_first_of_them() -> None:
    seen = watch()
    for number in range(500):
        seen.take(docker_event("oom", f"worker-{number}"), now=0.0)

    (event,) = seen.due(0.0)
    assert len(event["compose"]["services"]) == 20


def test_an_event_that_comes_twice_is_told_once_and_asked_for_from_where_it_stood() -> None:
    seen = watch(pause=0)
    twice = docker_event("oom", "web", at=1_772_200_005_000_000_007)
    for _ in range(2):
        seen.take(twice, now=0.0)
        assert seen.since == "1772200005.000000007"
    assert told(seen, 0.0) == ["web ran out of memory"]
    seen.take(docker_event("oom", "web", at=1_772_200_004_000_000_000), now=1.0)
    assert seen.since == "1772200005.000000007"


def test_what_a_listing_shows_is_told_once_until_it_changes() -> None:
    seen = watch(pause=0, die_hold=0)
    down, ill = (docker_event(action, "web", at=0) for action in ("die", "health_status: unhealthy"))
    for line in (down, ill, down, ill):
        seen.take(line, now=0.0)
    assert told(seen, 0.0) == ["web is unhealthy, web died with exit code 1"]

    seen.take(docker_event("start", "web"), now=1.0)
    seen.take(docker_event("die", "web"), now=2.0)
    assert told(seen, 2.0) == ["web died with exit code 1"]
    seen.take(down, now=3.0)
    assert told(seen, 3.0) == []

    seen.take(ill, now=4.0)
    assert told(seen, 4.0) == ["web is unhealthy"]
    seen.take(docker_event("health_status: healthy", "web"), now=5.0)
    seen.take(ill, now=6.0)
    assert told(seen, 6.0) == ["web is unhealthy"]


def test_memory_is_bounded_what_is_forgotten_first_is_the_oldest_and_what_is_held_too_long_is_told_early() -> None:
    seen = watch(memory=16, pause=0)
    first = docker_event("oom", "web", at=1)
    seen.take(first, now=0.0)
    assert told(seen, 0.0) == ["web ran out of memory"]
    for number in range(16):
        seen.take(docker_event("die", f"service-{number}"), now=1.0)
    assert told(seen, 1.0) == []
    seen.take(first, now=1.0)
    assert told(seen, 1.0) == ["web ran out of memory"]

    seen.take(docker_event("die", "one-too-many"), now=1.0)
    assert told(seen, 1.0) == ["service-0 died with exit code 1"]


def test_after_a_cut_stream_a_start_that_is_still_to_be_read_lifts_the_hold() -> None:
    seen = watch()
    seen.take(docker_event("die", "web"), now=0.0)
    seen.connected(now=100.0)
    assert told(seen, 100.0) == []
    seen.take(docker_event("start", "web"), now=100.5)
    assert told(seen, 200.0) == []

    seen.take(docker_event("die", "web"), now=300.0)
    seen.connected(now=400.0)
    assert told(seen, 401.0) == ["web died with exit code 1"]


@pytest.mark.parametrize(
    "line",
    [
        docker_event("oom", "web", project="another"),
        docker_event("oom", "web", labels={"com.docker.compose.oneoff": "True"}),
        docker_event("oom", "web", labels={"agentfoundry.incident_response.ignore": "true"}),
        docker_event("oom", "web; id"),
        docker_event("exec_die", "web"),
    ],
    ids=["another project", "one-off", "ignored", "no name", "another action"],
)
def test_what_is_none_of_our_business_is_not_told(line: bytes) -> None:
    seen = watch()

    assert seen.take(line, now=0.0)
    assert told(seen, 100.0) == []


@pytest.mark.parametrize("actions, count", [(["died"], 1), (["oom", "unhealthy"], 2)])
def test_only_the_chosen_actions_are_told(actions: list[str], count: int) -> None:
    seen = watch(actions=actions, pause=0)
    for number, action in enumerate(("die", "oom", "health_status: unhealthy")):
        seen.take(docker_event(action, f"service-{number}"), now=0.0)

    assert len([event for event in seen.due(20.0) for _ in event["compose"]["services"]]) == count


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["Actor", "Attributes", "timeNano", "ID", "Action"]), inner),
).map(lambda data: json.dumps(data).encode()))  # fmt: skip
def test_no_line_does_harm(line: bytes) -> None:
    seen = watch()

    assert not seen.take(line, now=0.0)
    assert seen.due(100.0) == []


@pytest.mark.parametrize("moment", ["Infinity", "-Infinity", "NaN", "1e999"])
def test_a_time_that_is_no_number_does_no_harm(moment: str) -> None:
    event = json.loads(docker_event("die", "web"))
    seen = watch()

    assert not seen.take(json.dumps(event).replace(str(event["timeNano"]), moment).encode(), now=0.0)
    assert seen.due(100.0) == []


@pytest.mark.parametrize("exit_code", ["1" * 5000, "\u0663", "", "-1", ["1"]], ids=lambda value: str(value)[:9])
def test_an_exit_code_that_is_none_is_not_told(exit_code: Any) -> None:
    event = json.loads(docker_event("die", "web"))
    event["Actor"]["Attributes"]["exitCode"] = exit_code
    seen = watch()

    seen.take(json.dumps(event).encode(), now=0.0)

    assert [one["compose"]["detail"] for one in seen.due(100.0)] == ["web died"]


# Lines


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_lines_are_whole_however_they_are_cut(text: bytes, cuts: list[int]) -> None:
    lines = Lines(limit=1000)
    edges = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]

    found = [line for begin, end in itertools.pairwise(edges) for line in lines.add(text[begin:end])]

    assert found == text.split(b"\n")[:-1]


@pytest.mark.parametrize("size", [3, 7, 100, 1000])
def test_a_line_that_is_too_long_is_left_out_and_the_next_one_is_read(size: int) -> None:
    text = b"before\n" + b"x" * 500 + b"\nafter\n"
    lines = Lines(limit=20)

    found = [line for begin in range(0, len(text), size) for line in lines.add(text[begin : begin + size])]

    assert found == [b"before", b"after"]


# Arguments


@pytest.mark.parametrize(
    "args, words",
    [
        ({}, "platforms has the value None"),
        ({"platforms": []}, "platforms has the value []"),
        ({"platforms": {"shop": "~.*"}}, "platforms has the value {'shop': '~.*'}"),
        ({"project": "shop"}, "there is no argument project"),
        ({"playbooks": {"web": "x; id"}}, "playbooks has the value"),
        ({"playbooks": ["web"]}, "playbooks has the value"),
        ({"default_playbook": ""}, "default_playbook has the value ''"),
        ({"actions": []}, "actions has the value []"),
        ({"actions": ["killed"]}, "Give a list of died, oom, unhealthy"),
        ({"actions": [["died"]]}, "Give a list of died, oom, unhealthy"),
        ({"die_hold": -1}, "Give a number from 0 to 3600"),
        ({"die_hold": "soon"}, "die_hold has the value 'soon'"),
        ({"pause": True}, "pause has the value True"),
        ({"memory": 1}, "Give a number from 16 to 1e+06"),
        ({"reconnect_delay": float("nan")}, "reconnect_delay has the value nan"),
        ({"docker_cli": "--config=/tmp/x"}, "does not begin with a dash"),
        ({"docker_host": 7}, "docker_host has the value 7"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_with_its_value_and_the_remedy(
    args: dict[str, Any], words: str
) -> None:
    given = args if "platforms" in args or not args else {"platforms": {"shop": "docker1"}, **args}

    with pytest.raises(ValueError, match="compose_events: ") as error:
        read_options(given)
    assert words in str(error.value)


def test_docker_is_asked_for_the_one_project_or_for_all_of_them() -> None:
    one = Options({"shop": "docker1"}, docker_host="ssh://docker1").command("17.5")
    two = Options({"shop": "docker1", "docs": "docker1"}).command("17.5")

    assert one[:6] == ["docker", "--host", "ssh://docker1", "events", "--format", "{{json .}}"]
    assert one[-4:] == ["--filter", "label=com.docker.compose.project=shop", "--since", "17.5"]
    assert two[-3] == "label=com.docker.compose.project"
