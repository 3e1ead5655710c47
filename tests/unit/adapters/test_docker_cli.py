# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    ContainerRef,
    DockerCli,
    EngineVersion,
    LogLine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    EngineUnavailableError,
)
from checkout import ROOT

RECORDED = ROOT / "tests" / "fixtures" / "docker" / "engine-20.10"


def recorded(name: str) -> bytes:
    return Path(RECORDED / name).read_bytes()


def docker(*replies: tuple[str, Reply]) -> DockerCli:
    return DockerCli(ScriptedRunner(*replies))


def test_versions_are_read() -> None:
    assert docker(("version", recorded("version.json"))).version() == EngineVersion("28.2.2", "20.10.24+dfsg1")


def test_containers_are_listed_with_project_and_service() -> None:
    found = docker(("ps", recorded("ps.txt"))).containers()
    assert len(found) == 10
    assert found[0].service == "user-service"
    assert {ref.project for ref in found} == {"agentfoundry"}


def test_a_line_of_another_shape_is_no_container_and_a_one_off_is_marked() -> None:
    text = "id1\tshop\tweb\tTrue\nWARNING: something\nid2\tshop\tdb\tFalse\n"
    assert docker(("ps", text)).containers("shop") == (
        ContainerRef("id1", "shop", "web", True),
        ContainerRef("id2", "shop", "db", False),
    )


OLD, NEW = "0a1b2c3d4e5f" + 52 * "0", 64 * "7"


@pytest.mark.parametrize(
    "old, new, listed",
    [
        # A killed recreate: the new one is made, the old one runs still, or was stopped.
        ("shop-web-1\tUp 2 hours", "0a1b2c3d4e5f_shop-web-1\tCreated", [OLD]),
        ("shop-web-1\tExited (0) 3 seconds ago", "0a1b2c3d4e5f_shop-web-1\tCreated", [OLD]),
        # Somebody has started it: it works, whatever its name.
        ("shop-web-1\tUp 2 hours", "0a1b2c3d4e5f_shop-web-1\tUp 3 seconds", [NEW, OLD]),
        # What it was to replace is gone: it is the service's only one.
        ("", "0a1b2c3d4e5f_shop-web-1\tCreated", [NEW]),
        ("shop-web-2\tUp 2 hours", "9f9f9f9f9f9f_shop-web-1\tCreated", [NEW, OLD]),
        # One more, which was not started yet.
        ("shop-web-1\tUp 2 hours", "shop-web-2\tCreated", [NEW, OLD]),
        # Its own id in its name replaces nobody.
        ("0a1b2c3d4e5f_shop-web-1\tCreated", "shop-web-1\tCreated", [NEW, OLD]),
    ],
)
def test_what_a_killed_recreate_has_left_beside_the_old_one_is_left_out(old: str, new: str, listed: list[str]) -> None:
    rows = [f"{name}\tshop\tweb\tFalse\t{told}\n" for name, told in ((NEW, new), (OLD, old)) if told]
    assert [ref.id for ref in docker(("ps", "".join(rows))).containers("shop")] == listed


def test_one_project_is_asked_for_by_its_label() -> None:
    runner = ScriptedRunner(("ps", ""))
    DockerCli(runner, "/opt/docker").containers("shop")
    assert runner.calls[0][0] == "/opt/docker"
    assert "label=com.docker.compose.project=shop" in runner.calls[0]


def test_what_was_run_by_hand_from_an_image_that_compose_has_built_is_no_service() -> None:
    runner = ScriptedRunner(("ps", ""))
    DockerCli(runner).containers()
    assert "label=com.docker.compose.config-hash" in runner.calls[0]


def test_inspect_leaves_out_what_has_vanished() -> None:
    gone = answered(recorded("inspect-running.json"), recorded("inspect-vanished.err"), 1)
    entries = docker(("inspect", gone)).inspect(["gone", "there"])
    assert [entry["Name"] for entry in entries] == ["/agentfoundry-model-server-1"]


def test_inspect_of_nothing_asks_nothing() -> None:
    runner = ScriptedRunner()
    assert DockerCli(runner).inspect([]) == []
    assert runner.calls == []


@pytest.mark.parametrize("output", ["{", "[1, 2", ""])
def test_an_answer_that_is_no_json_is_an_error_in_words(output: str) -> None:
    with pytest.raises(CommandFailedError):
        docker(("inspect", answered(output, "boom", 0 if output else 1))).inspect(["x"])


ENGINE_DOWN = [
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "x"',
    'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found',
    "error during connect: Get http://x: EOF",
]


@pytest.mark.parametrize("said", ENGINE_DOWN)
def test_an_engine_that_cannot_be_reached_is_told_with_a_remedy(said: str) -> None:
    with pytest.raises(EngineUnavailableError) as caught:
        docker(("ps", answered(stderr=said, exit_code=1))).containers()
    assert caught.value.remedy


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file or directory"), PermissionError(13, "denied")])
def test_a_missing_client_is_told_with_a_remedy(error: OSError) -> None:
    with pytest.raises(EngineUnavailableError, match="'docker' cannot be run"):
        docker(("ps", error)).containers()


@pytest.mark.parametrize("call", ["version", "ps"])
def test_an_engine_that_hangs_is_told(call: str) -> None:
    client = docker((call, hung(5.0)))
    with pytest.raises(EngineUnavailableError, match=r"within 5\.0 s"):
        client.version() if call == "version" else client.containers()


def test_both_streams_of_a_log_are_joined_by_time() -> None:
    out = b"2026-02-27T10:00:00.000000001Z first\n2026-02-27T10:00:02.000000000Z third\n"
    err = b"2026-02-27T10:00:01.000000000Z second\r\n"
    assert docker(("logs", answered(out, err))).logs("x", 10) == "first\nsecond\nthird"


def test_no_more_lines_than_asked_for_are_given() -> None:
    out = b"2026-02-27T10:00:00.000000001Z one\n2026-02-27T10:00:02.000000000Z three\n"
    err = b"2026-02-27T10:00:01.000000000Z two\n"
    assert docker(("logs", answered(out, err))).logs("x", 2) == "two\nthree"


def test_a_log_that_is_no_text_is_decoded_all_the_same() -> None:
    lines = docker(("logs", b"2026-02-27T10:00:00.000000001Z \xff\xfe\x00bin\n no time\n")).log_lines("x", 5)
    assert lines == (LogLine("", " no time"), LogLine("2026-02-27T10:00:00.000000001Z", "\ufffd\ufffd\x00bin"))


def test_the_line_at_which_a_flood_was_cut_is_dropped() -> None:
    cut = answered(b"2026-02-27T10:00:00.000000001Z whole\n2026-02-27T10:00:00.000000002Z passw", exit_code=-9,
                   truncated=True)  # fmt: skip
    assert docker(("logs", cut)).logs("x", 5) == "whole"


def test_a_driver_that_keeps_no_log_gives_no_lines() -> None:
    said = "Error response from daemon: configured logging driver does not support reading"
    assert docker(("logs", answered(stderr=said, exit_code=1))).log_lines("x", 5) == ()


def test_recorded_lines_bear_their_times() -> None:
    lines = docker(("logs", recorded("logs.out"))).log_lines("x", 100)
    assert all(line.at.startswith("2026-") for line in lines)
    assert json.loads(lines[0].text)["msg"] == "the model cannot be served"


def test_a_failure_is_told_by_its_last_line_without_secrets() -> None:
    said = "warning\nError response from daemon: bad password=hunter2hunter2\n"
    with pytest.raises(CommandFailedError) as caught:
        docker(("restart", answered(stderr=said, exit_code=1))).restart("x", stop_timeout=3, deadline=9)
    assert str(caught.value).startswith("Could not restart the container: Error response from daemon")
    assert "hunter2" not in str(caught.value)


def test_input_is_passed_on_only_when_there_is_any() -> None:
    runner = ScriptedRunner(("exec", "out"))
    client = DockerCli(runner)
    client.exec("x", ["cat"])
    client.exec("x", ["cat"], stdin=b"in")
    assert runner.calls == [("docker", "exec", "x", "cat"), ("docker", "exec", "--interactive", "x", "cat")]


def test_content_is_streamed_out_as_tar() -> None:
    runner = ScriptedRunner(("cp x:/app/model -", b"tar"))
    with DockerCli(runner).stream_out("x", "/app/model", deadline=5) as content:
        assert content.read() == b"tar"
