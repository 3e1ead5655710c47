# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-2: which commands Docker is given, and what is left alone. The engine's answers are recorded ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scripted_runner import ScriptedRunner, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_prune import Prune, prune
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import (
    Cleaning,
    Goal,
    Room,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_litter import engine_time
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import DiskSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
)

NOW = engine_time("2026-11-25 09:00:00 +0000 UTC")
NO_AGES = DiskSettings(build_cache_age_h=0, image_age_h=0, container_age_h=0)
COMPOSE = {
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "web",
    "com.docker.compose.config-hash": "c",
}
PRUNED = """Deleted Containers:
c1

Deleted Networks:
lonely

Deleted Images:
untagged: x@sha256:00
deleted: sha256:aa
deleted: sha256:ab

Deleted build cache objects:
cache1

Total reclaimed space: 12.5MB
"""


def usage(images: int = 0, containers: int = 0, cache: int = 0) -> str:
    """What ``docker system df -v`` says; the first thing of each kind is the youngest, as there."""
    made = [f"2026-11-2{4 - number} 08:00:00 +0000 UTC" for number in range(4)]
    return json.dumps({
        "Images": [
            {"ID": f"sha256:a{number}", "Repository": "<none>", "Tag": "<none>", "Containers": "0",
             "UniqueSize": "10MB", "CreatedAt": made[number]}
            for number in range(images)
        ],
        "Containers": [
            {"ID": f"c{number}", "State": "exited", "Size": "10MB (virtual 1GB)"} for number in range(containers)
        ],
        "BuildCache": [
            {"ID": f"b{number}", "InUse": "false", "Shared": "false", "Size": "5MB", "LastUsedAt": made[number]}
            for number in range(cache)
        ],
        "Volumes": [],
    })  # fmt: skip


def inspected(*labels: dict[str, str], finished: str = "2026-11-20T08:00:00Z") -> str:
    """What ``docker inspect`` says of stopped containers with these labels."""
    return json.dumps([
        {"Id": f"c{number}", "Name": f"/name-{number}", "Created": "2026-11-01T08:00:00Z",
         "State": {"Running": False, "FinishedAt": finished}, "Config": {"Labels": one}}
        for number, one in enumerate(labels)
    ])  # fmt: skip


def engine(df: str, *replies: tuple[str, Any], containers: str = "[]") -> ScriptedRunner:
    """An engine whose root is /srv/docker."""
    known = [("info", "/srv/docker\n"), ("system df", df), ("inspect", containers), ("network ls", "lonely\n")]
    return ScriptedRunner(*replies, *known)


def run(runner: ScriptedRunner, wish: Prune, *rooms: Room, check_mode: bool = False) -> Cleaning:
    """Prune on a disk that is measured so, one after the other."""
    left = list(rooms or [Room(1000, 0)])

    def measure(path: str) -> Room:
        assert path == "/srv/docker"
        return left.pop(0) if len(left) > 1 else left[0]

    return prune(DockerCli(runner), wish, NOW, measure, check_mode=check_mode)


def acts(runner: ScriptedRunner) -> list[str]:
    """The commands that change something."""
    return [" ".join(call[1:]) for call in runner.calls if {"rm", "prune"} & set(call)]


def test_images_go_one_by_one_the_oldest_first_until_it_is_enough() -> None:
    runner = engine(usage(images=3), ("image rm", "Deleted"))

    cleaning = run(runner, Prune("images", NO_AGES, goal=Goal(80)), Room(1000, 0), Room(1000, 100), Room(1000, 200))

    assert acts(runner) == ["image rm sha256:a2", "image rm sha256:a1"]
    assert (cleaning.left, cleaning.freed) == (1, 200)


def test_what_came_into_use_meanwhile_stays_and_what_is_gone_is_no_problem() -> None:
    replies = [
        (
            "image rm sha256:a2",
            answered(stderr="Error: conflict: image is being used by stopped container x", exit_code=1),
        ),
        ("image rm sha256:a1", answered(stderr="Error: No such image: sha256:a1", exit_code=1)),
        ("image rm", "Deleted"),
    ]

    cleaning = run(engine(usage(images=3), *replies), Prune("images", NO_AGES))

    assert [item.id for item in cleaning.removed] == ["sha256:a0"]
    assert cleaning.problems == ("a2 stays: Error: conflict: image is being used by stopped container x.",)


def test_nothing_is_ever_forced_and_no_volume_is_named() -> None:
    runner = engine(usage(1, 1, 1), ("rm", ""), ("prune", "Total: 5MB"), containers=inspected({}))
    for what in ("build_cache", "images", "containers", "system"):
        run(runner, Prune(what, NO_AGES))
    words = {word for call in acts(runner) for word in call.split()}
    assert not words & {"-f", "--all", "-a", "--volumes", "volume"}
    # Of a prune --force means: without asking.
    assert all(not call.endswith(" rm --force") for call in acts(runner))


def test_build_cache_goes_by_its_age() -> None:
    runner = engine(usage(cache=2), ("builder prune", "cache1\nTotal:  10MB\n"))

    cleaning = run(runner, Prune("build_cache", DiskSettings(build_cache_age_h=12)), Room(1000, 0), Room(1000, 300))

    assert acts(runner) == ["builder prune --force --filter until=12h"]
    assert (cleaning.removed[0].id, cleaning.removed[0].size, cleaning.freed) == ("2 entries", 10_000_000, 300)


def test_build_cache_bears_no_labels_so_that_it_stays_where_labels_are_wanted() -> None:
    runner = engine(usage(cache=2), ("images", ""))
    assert run(runner, Prune("build_cache", DiskSettings(labels=("ours",), build_cache_age_h=0))).removed == ()
    assert acts(runner) == []


@pytest.mark.parametrize("what", ["build_cache", "images", "containers", "system"])
def test_check_mode_and_an_empty_engine_and_a_disk_with_room_change_nothing(what: str) -> None:
    full = engine(usage(2, 2, 2), containers=inspected({}, {}))
    assert run(full, Prune(what, NO_AGES), check_mode=True).removed
    empty = engine(usage())
    assert run(empty, Prune(what, NO_AGES)).to_result()["changed"] is False
    roomy = engine(usage(2, 2, 2), containers=inspected({}, {}))
    assert run(roomy, Prune(what, NO_AGES, goal=Goal(80)), Room(1000, 900)).removed == ()
    assert acts(full) == acts(empty) == acts(roomy) == []


def test_stopped_containers_of_platforms_and_of_open_incidents_stay() -> None:
    runner = engine(
        usage(containers=3), ("container rm", ""),
        containers=inspected({}, COMPOSE, {**COMPOSE, "com.docker.compose.oneoff": "True"}),
    )  # fmt: skip

    run(runner, Prune("containers", NO_AGES, frozenset({("shop", "web")})))

    assert acts(runner) == ["container rm c0"]


def test_system_prune_is_one_command_and_says_what_went() -> None:
    runner = engine(usage(1, 1, 1), ("system prune", PRUNED), containers=inspected({}))

    cleaning = run(runner, Prune("system", NO_AGES))

    assert acts(runner) == ["system prune --force"]
    assert [(item.what, item.id) for item in cleaning.removed] == [
        ("containers", "c1"),
        ("networks", "lonely"),
        ("images", "sha256:aa"),
        ("images", "sha256:ab"),
        ("build_cache", "cache1"),
    ]
    assert cleaning.reported == 12_500_000


def test_system_prune_heeds_ages_and_with_labels_never_touches_build_cache() -> None:
    aged = engine(usage(1), ("system prune", "Total reclaimed space: 0B"))
    run(aged, Prune("system", DiskSettings(image_age_h=1, build_cache_age_h=2, container_age_h=3)))
    assert acts(aged) == ["system prune --force --filter until=3h"]

    labelled = engine(usage(1), ("images", "sha256:a0"), ("prune", PRUNED))
    run(
        labelled,
        Prune("system", DiskSettings(labels=("ours=1",), image_age_h=0, build_cache_age_h=0, container_age_h=0)),
    )
    assert acts(labelled) == [
        f"{part} prune --force --filter label=ours=1" for part in ("container", "network", "image")
    ]


def test_system_prune_under_check_mode_names_the_networks_as_well() -> None:
    cleaning = run(engine(usage(1)), Prune("system", NO_AGES), check_mode=True)
    assert [(item.what, item.id) for item in cleaning.removed] == [("images", "sha256:a0"), ("networks", "lonely")]


@pytest.mark.parametrize(
    "labels, finished, kept",
    [
        (COMPOSE, "2026-11-20T08:00:00Z", frozenset()),
        ({}, "2026-11-25T08:59:00Z", frozenset()),
        ({**COMPOSE, "com.docker.compose.oneoff": "True"}, "2026-11-20T08:00:00Z", frozenset({("shop", "web")})),
    ],
    ids=["of a platform", "stopped a minute ago", "evidence of an open incident"],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_system_prune_is_refused_while_it_would_remove_what_must_stay(
    labels: dict[str, str], finished: str, kept: frozenset[tuple[str, str]], check_mode: bool
) -> None:
    runner = engine(usage(1, 1), containers=inspected(labels, finished=finished))

    with pytest.raises(IncidentResponseError, match="must stay: name-0"):
        run(runner, Prune("system", DiskSettings(), kept), check_mode=check_mode)

    assert acts(runner) == []


@pytest.mark.parametrize(
    "what, reply",
    [
        ("build_cache", ("builder prune", answered(stderr="Error: a prune operation is already running", exit_code=1))),
        ("system", ("system prune", answered(stderr="Error: a prune operation is already running", exit_code=1))),
        ("images", ("system df", answered(exit_code=1))),
        ("images", ("system df", "no JSON")),
        ("images", ("info", answered(stderr="permission denied", exit_code=1))),
    ],
)
def test_an_engine_that_refuses_or_gives_no_answer_is_told(what: str, reply: tuple[str, Any]) -> None:
    with pytest.raises(CommandFailedError):
        run(engine(usage(1, 0, 1), reply), Prune(what, NO_AGES))
