# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source with a stand-in for Docker's client: cut streams, garbage, an engine that restarts or is absent."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from docker_events import FakeStream, docker_event

from ansible_collections.agentfoundry.incident_response.extensions.eda.plugins.event_source.compose_events import main

OOM = "ran out of memory"


def told(docker: str, count: int, queue: asyncio.Queue[Any] | None = None, **options: Any) -> list[str]:
    """Run the source until it has told that much, and return it."""

    async def run() -> list[str]:
        events = queue or asyncio.Queue(1)
        given = {"platforms": {"shop": "docker1"}, "pause": 0, "reconnect_delay": 0.05, "docker_cli": docker}
        source = asyncio.create_task(main(events, {**given, **options}))
        try:
            found: list[str] = []
            async with asyncio.timeout(30):
                while len(found) < count:
                    found += (await events.get())["compose"]["detail"].split(", ")
            return found
        finally:
            source.cancel()
            await asyncio.gather(source, return_exceptions=True)

    return asyncio.run(run())


def test_a_stream_that_is_cut_midway_loses_no_event_and_doubles_none(tmp_path: Path) -> None:
    events = [docker_event("oom", f"service-{number}", at=1_900_000_000_000_000_000 + number) for number in range(5)]
    half = events[2][:100]
    docker = FakeStream(
        tmp_path,
        b"\n".join([*events[:2], half]),
        b"\n".join([events[1], events[2], events[3], b""]),
        b"\n".join([events[3], events[4], b""]),
    )

    assert told(docker.path, 5) == [f"service-{number} {OOM}" for number in range(5)]
    assert docker.since[1:] == ["1900000000.000000001", "1900000000.000000003"]


def test_garbage_and_a_huge_line_are_passed_over(tmp_path: Path) -> None:
    docker = FakeStream(
        tmp_path,
        b"\n".join([b"WARNING: \xff\x00 no event", b"{}", b"x" * 3_000_000, docker_event("oom", "web"), b""]),
    )

    assert told(docker.path, 1) == [f"web {OOM}"]


def test_an_engine_that_restarts_is_asked_again_until_it_answers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    down = b"Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
    docker = FakeStream(tmp_path, docker_event("oom", "web") + b"\n", down, down, docker_event("oom", "api") + b"\n")

    with caplog.at_level(logging.WARNING, "compose_events"):
        assert told(docker.path, 2) == [f"web {OOM}", f"api {OOM}"]

    assert len(docker.since) == 4
    assert caplog.text.count("Cannot connect to the Docker daemon") == 2


def test_a_die_that_is_held_over_a_cut_is_lifted_by_the_start_that_came_meanwhile(tmp_path: Path) -> None:
    docker = FakeStream(
        tmp_path,
        docker_event("die", "web") + b"\n",
        b"\n".join([docker_event("start", "web"), docker_event("die", "api"), b""]),
    )

    assert told(docker.path, 1, die_hold=0.3) == ["api died with exit code 1"]


def test_what_was_down_before_the_start_and_what_went_down_with_the_engine_is_told_once(tmp_path: Path) -> None:
    docker = FakeStream(
        tmp_path,
        docker_event("oom", "api") + b"\n",
        docker_event("oom", "db") + b"\n",
        listed=docker_event("die", "web", at=0) + b"\n",
    )

    assert sorted(told(docker.path, 3, die_hold=0)) == [f"api {OOM}", f"db {OOM}", "web died with exit code 1"]


def test_a_full_queue_holds_the_source_up_and_nothing_is_lost(tmp_path: Path) -> None:
    events = [docker_event("oom", f"service-{number}") for number in range(50)]
    docker = FakeStream(tmp_path, b"\n".join([*events, b""]))

    async def run() -> list[str]:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        playbooks = {f"service-{number}": f"acme.ops.heal_{number}" for number in range(50)}
        args = {"platforms": {"shop": "docker1"}, "playbooks": playbooks, "docker_cli": docker.path}
        source = asyncio.create_task(main(queue, args))
        async with asyncio.timeout(30):
            while not queue.full():
                await asyncio.sleep(0)
            found = [(await queue.get())["compose"]["detail"] for _ in range(50)]
        source.cancel()
        await asyncio.gather(source, return_exceptions=True)
        return found

    assert sorted(asyncio.run(run())) == sorted(f"service-{number} {OOM}" for number in range(50))


def test_a_docker_client_that_is_not_there_ends_the_start_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"/docker cannot be run .*No such file.* Set docker_cli"):
        asyncio.run(main(asyncio.Queue(), {"platforms": {"shop": "docker1"}, "docker_cli": str(tmp_path / "docker")}))


def test_an_engine_that_hangs_at_the_start_is_asked_again_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = docker_event("oom", "web") + b"\n"
    docker = FakeStream(tmp_path, events, events)
    client = Path(docker.path)
    hangs_once = (
        f'case "$*" in "ps "*) [ -e {tmp_path}/hung ] || {{ touch {tmp_path}/hung; exec sleep 300; }} ;; esac\n'
    )
    client.write_text(client.read_text("utf-8").replace("\n", "\n" + hangs_once, 1), "utf-8")
    monkeypatch.setattr(f"{main.__module__}._LISTING_SECONDS", 1)

    with caplog.at_level(logging.WARNING, "compose_events"):
        assert told(docker.path, 1) == [f"web {OOM}"]

    assert "(no listing of containers within 1 s)" in caplog.text


def test_the_client_ends_with_the_source(tmp_path: Path) -> None:
    docker = FakeStream(tmp_path, docker_event("oom", "web") + b"\n")
    told(docker.path, 1)

    assert [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path) in command_line(path)] == []


def command_line(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
