# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One PostgreSQL service, found and asked: what cannot be done is an error that names it, and shows no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_platform import SECRET, FakePlatform, inspected
from scripted_runner import Reply, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    EngineUnavailableError,
    InvalidInputError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
    find_server,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import ObserveOptions

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "postgres"
MANAGED = {"database": {"kind": "postgres", "postgres": {"host": "db.example.com", "client": "web"}}}


def server(
    *replies: tuple[str, Reply], name: str = "db", services: dict[str, Any] | None = None, project: str = "shop"
) -> PostgresServer:
    stopped = inspected("job", state={"Status": "exited", "ExitCode": 0})
    platform = FakePlatform((inspected("db"), inspected("web"), stopped), replies=replies)
    options = ObserveOptions(project=project, services=read_services(services or {}), probe_deadline=5.0)
    return find_server(DockerCli(platform.runner), options, name)


def psql(reply: Reply) -> tuple[str, Reply]:
    return ("exec psql", reply)


def recorded(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def test_sessions_come_with_the_service_behind_them_and_why_they_are_spared() -> None:
    output = recorded("slots_taken.stdout")
    address = output.split('"address": "')[1].split('"')[0]
    addresses = {"NetworkSettings": {"Ports": {}, "Networks": {"net": {"IPAddress": address}}}}
    platform = FakePlatform((inspected("db"), {**inspected("web"), **addresses}), replies=(psql(output),))
    protected = {"db": {"postgres": {"protected_users": ["app"]}}}
    options = ObserveOptions(project="shop", services=read_services(protected), probe_deadline=5.0)
    facts, sessions = find_server(DockerCli(platform.runner), options, "db").sessions()
    assert (facts.max_connections, len(sessions)) == (40, 37)
    assert {(one.service, one.protected) for one in sessions} == {("web", "the inventory protects the role app")}


@pytest.mark.parametrize(
    "reply, message",
    [
        (answered(stderr="psql: error: FATAL:  sorry, too many clients already", exit_code=2), "(slots_exhausted)"),
        (answered(stderr='FATAL:  password authentication failed for user "op"', exit_code=2), "(authentication)"),
        (answered(stderr="psql: not found", exit_code=127), "(no_client)"),
        (answered(stderr="Error response from daemon: Container 3f is not running", exit_code=1), "(not_running)"),
        (hung(), "(timed_out)"),
        (answered("--psql\n", "--activity\nERROR:  42501: permission denied", 3), "refused a statement"),
        ("--psql\nactivity {}\n", "another shape than expected"),
        ("--psql\nactivity [1, 2\n", "another shape than expected"),
        ("--psql\nSegmentation fault\n", "another shape than expected"),
        (answered(b"--psql\n\xff\xfe\x00activity {\n"), "another shape than expected"),
        ("", "another shape than expected"),
    ],
    ids=["no slot", "password", "no psql", "stopped", "hangs", "refused", "empty object", "cut off", "no answer",
         "no text", "nothing"],
)  # fmt: skip
def test_a_server_that_does_not_answer_well_is_an_error_that_says_why(reply: Reply, message: str) -> None:
    with pytest.raises(CommandFailedError) as caught:
        server(psql(reply)).sessions()
    assert message in str(caught.value)
    assert "db" in str(caught.value)


def test_what_the_server_complains_of_is_redacted() -> None:
    reply = answered(stderr=f"FATAL:  no entry for {SECRET}", exit_code=2)
    with pytest.raises(CommandFailedError) as caught:
        server(psql(reply)).sessions()
    assert SECRET not in str(caught.value)


def test_the_disk_is_measured_beside_the_server_only() -> None:
    disk = "--disk\nFilesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 100 40 60 40% /data\n--psql\n1\n"
    (volume,) = server(psql(disk)).volumes()
    assert (volume.path, volume.used_percent) == ("/data", 40.0)
    assert server(psql("--psql\n1\n")).volumes() == ()


def test_a_managed_server_is_asked_from_the_service_that_the_inventory_names() -> None:
    found = server(("exec web-id", recorded("healthy.stdout")), name="database", services=MANAGED)
    assert found.psql.via == "tcp from web"
    assert found.sessions()[0].version == 150018


@pytest.mark.parametrize("client", ["job", "nobody"])
def test_a_client_that_does_not_run_is_refused_by_the_name_of_its_option(client: str) -> None:
    services = {"database": {"kind": "postgres", "postgres": {"host": "db.example.com", "client": client}}}
    with pytest.raises(InvalidInputError) as caught:
        server(name="database", services=services)
    assert (caught.value.option, caught.value.value) == ("postgres.client", client)


@pytest.mark.parametrize(
    "content, reason", [(None, "No such file"), (b"\xff\xfe\x00", "it is no text")], ids=["absent", "binary"]
)
def test_a_password_file_that_cannot_be_used_is_refused_by_its_name(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        server(services={"db": {"postgres": {"password_file": str(path)}}})
    assert caught.value.option == "postgres.password_file"
    assert reason in str(caught.value)


def test_a_service_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(PlatformNotFoundError) as caught:
        server(name="postgress")
    assert str(caught.value) == "The project shop has no service postgress. Its services are: db, job, web."


def test_a_project_that_is_not_there_is_refused() -> None:
    with pytest.raises(PlatformNotFoundError, match="shop"):
        server(project="shopp")


def test_an_engine_that_does_not_answer_is_told_as_such() -> None:
    with pytest.raises(EngineUnavailableError):
        server(("ps", answered(stderr="Cannot connect to the Docker daemon", exit_code=1)))
