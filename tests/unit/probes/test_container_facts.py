# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HealthTarget,
    PortBinding,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import (
    container_facts,
    redactor_for,
)
from checkout import ROOT

RECORDED = ROOT / "tests" / "fixtures" / "docker"


def recorded(state: str, engine: str = "engine-20.10") -> dict[str, Any]:
    content: list[dict[str, Any]] = json.loads((RECORDED / engine / f"inspect-{state}.json").read_text("utf-8"))
    return content[0]


def facts(state: str) -> Container:
    entry = recorded(state)
    return container_facts(entry, redactor_for([entry]))


def test_a_running_container() -> None:
    found = facts("running")
    assert (found.name, found.service, found.state, found.health) == (
        "agentfoundry-model-server-1", "model-server", "running", "healthy",
    )  # fmt: skip
    assert found.running
    assert found.pid > 0
    assert found.memory_limit == 128 << 20
    assert found.cpu_limit is None
    assert found.restart_policy == "unless-stopped"
    assert found.start_period == 10.0
    assert found.health_target == HealthTarget(port=8000, path="/health")
    assert found.ports == (PortBinding(8000, "tcp", "127.0.0.1", 39000),)
    assert set(found.addresses) == {"agentfoundry_default"}
    assert found.mounts == {"/app/models": "agentfoundry_models"}
    assert found.started_at
    assert found.compose.files == ("/srv/agentfoundry/compose.yaml",)
    assert found.compose.env_files == ("/srv/agentfoundry/lab.env",)
    assert found.compose.version == "2.26.1"
    assert not found.ignored


def composed(name: str, number: str = "1", **host: Any) -> dict[str, Any]:
    labels = {"project": "shop", "service": "worker", "container-number": number}
    config = {"Labels": {f"com.docker.compose.{key}": value for key, value in labels.items()}}
    return {"Id": "1", "Name": f"/{name}", "Config": config, "HostConfig": host}


@pytest.mark.parametrize(
    "entry, alone",
    [
        (composed("shop-worker-1"), ""),
        (composed("shop_worker_1"), ""),
        (composed("shop-worker-3", "3"), ""),
        (composed("shop-worker-1", PortBindings={"80/tcp": [{"HostPort": "0"}], "81/tcp": [{"HostPort": ""}]}), ""),
        (composed("shop-worker-1", PortBindings={"80/tcp": [{"HostPort": "8000-8009"}], "81/tcp": None}), ""),
        ({"Id": "1", "Name": "/by-hand", "Config": {"Labels": {}}}, ""),
        (composed("the-worker"), "worker has the fixed container_name the-worker, which only one container can bear."),
        (
            composed("shop-worker-1", PortBindings={"80/tcp": [{"HostPort": ""}, {"HostPort": "8080"}]}),
            "worker publishes its port on the fixed port 8080 of the host, which only one container can have.",
        ),
        (
            composed("shop-worker-1", NetworkMode="host"),
            "worker lives in the host's network, where only one can listen.",
        ),
    ],
)
def test_why_a_service_can_have_only_one_container_is_seen_without_its_compose_file(
    entry: dict[str, Any], alone: str
) -> None:
    assert container_facts(entry, Redactor()).alone == alone


def test_a_paused_container_says_so_although_its_health_check_fails() -> None:
    found = facts("paused")
    assert (found.state, found.health, found.running) == ("paused", "unhealthy", False)


def test_a_stopped_container_keeps_its_exit_code_and_its_dependencies() -> None:
    found = facts("exited")
    assert (found.state, found.exit_code, found.pid, found.oom_killed) == ("exited", 137, 0, False)
    assert found.finished_at
    assert found.compose.depends_on == {"postgres": "service_healthy", "redis": "service_healthy"}


def test_a_container_that_was_never_started_tells_what_it_would_publish() -> None:
    found = facts("created")
    assert (found.state, found.started_at, found.finished_at) == ("created", "", "")
    assert found.cpu_limit == 0.5
    assert found.devices == ("/dev/null",)
    assert PortBinding(80, "tcp", "", 8081) in found.ports
    assert PortBinding(9999, "udp", "127.0.0.1", 9999) in found.ports
    assert PortBinding(7000, "tcp") in found.ports
    assert found.health_target == HealthTarget(port=80, path="/ready?x=1")


def test_no_secret_of_the_environment_is_left_in_the_facts() -> None:
    for state in ("running", "paused", "exited", "created", "postgres"):
        entry = recorded(state)
        shown = str(container_facts(entry, redactor_for([entry])))
        assert "Recorded-" not in shown
        assert "hunter2" not in shown


def test_what_a_health_check_prints_is_redacted() -> None:
    entry = recorded("running")
    entry["State"]["Health"]["Log"][-1]["Output"] = "login with Recorded-jwt-secret-0123456789 failed\n\x1b[31m"
    assert container_facts(entry, redactor_for([entry])).health_log == "login with [redacted] failed"


def test_secret_arguments_are_known_as_well() -> None:
    redactor = redactor_for([{"Args": ["--requirepass", "Sesame-0pen!", "--api-key=Other-Secret-1", "--port", "1"]}])
    assert redactor.text("Sesame-0pen! Other-Secret-1 port 1") == "[redacted] [redacted] port 1"


@pytest.mark.parametrize(
    "test, environment, target",
    [
        (["CMD", "curl", "-f", "http://localhost/health"], [], HealthTarget(80, "/health")),
        (["CMD-SHELL", "wget -qO- 'https://127.0.0.1:8443/up' || exit 1"], [], HealthTarget(8443, "/up", "https")),
        (["CMD-SHELL", "curl http://0.0.0.0:$PORT/h"], ["PORT=81"], HealthTarget(81, "/h")),
        (["CMD-SHELL", "curl http://localhost:${PORT:-82}/h"], [], HealthTarget(82, "/h")),
        (["CMD-SHELL", "curl http://user:pw@localhost:83/h"], [], HealthTarget(83, "/h")),
        (["CMD-SHELL", "curl http://localhost:84/h?key=$API_KEY"], ["API_KEY=sesame"], HealthTarget(84, "/h?key=x")),
        (["CMD-SHELL", "curl http://elsewhere:85/h"], [], None),
        (["CMD-SHELL", "curl http://localhost:$NOTHING/h"], [], HealthTarget(80, "/h")),
        (["CMD-SHELL", "curl http://localhost:99999/h"], [], None),
        (["CMD", "pg_isready"], [], None),
        (["NONE"], [], None),
        ([], [], None),
        (None, [], None),
    ],
)
def test_the_url_of_a_health_check_is_found(test: Any, environment: list[str], target: HealthTarget | None) -> None:
    entry = {"Config": {"Healthcheck": {"Test": test}, "Env": environment}}
    assert container_facts(entry, Redactor()).health_target == target


@pytest.mark.parametrize(
    "host, limit",
    [
        ({"NanoCpus": 1_500_000_000}, 1.5),
        ({"CpuQuota": 50_000, "CpuPeriod": 100_000}, 0.5),
        ({"CpuQuota": 50_000}, 0.5),
        ({"CpuQuota": -1}, None),
        ({}, None),
    ],
)
def test_a_cpu_limit_is_in_cores(host: dict[str, Any], limit: float | None) -> None:
    assert container_facts({"HostConfig": host}, Redactor()).cpu_limit == limit


def test_a_gpu_request_is_put_in_words() -> None:
    request = {"Driver": "nvidia", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu", "compute"]]}
    found = container_facts({"HostConfig": {"DeviceRequests": [request]}}, Redactor())
    assert found.devices == ("nvidia: all [gpu, compute]",)


@pytest.mark.parametrize("value, ignored", [("true", True), ("True", True), ("false", False), ("", False)])
def test_a_label_says_that_a_container_is_to_be_left_alone(value: str, ignored: bool) -> None:
    entry = {"Config": {"Labels": {"agentfoundry.incident_response.ignore": value}}}
    assert container_facts(entry, Redactor()).ignored is ignored


def test_an_entry_without_anything_is_no_error() -> None:
    found = container_facts({}, Redactor())
    assert (found.id, found.state, found.ports, found.running) == ("", "", (), False)


@pytest.mark.parametrize(
    "test, found",
    [(["CMD", "true"], True), (["CMD-SHELL", "true"], True), (["NONE"], False), ([], False), (None, False)],
)
def test_a_health_check_that_was_switched_off_is_none(test: list[str] | None, found: bool) -> None:
    entry = {**recorded("running"), "Config": {"Healthcheck": {"Test": test}}}

    assert container_facts(entry, Redactor(set())).health_check is found


def test_every_right_on_the_host_is_told() -> None:
    plain = facts("running")
    assert (plain.privileged, plain.engine_socket) == (False, False)

    mounts = [{"Source": "/var/run/docker.sock", "Destination": "/docker.sock"}]
    entry = {**recorded("running"), "HostConfig": {"Privileged": True}, "Mounts": mounts}
    found = container_facts(entry, Redactor(set()))
    assert (found.privileged, found.engine_socket) == (True, True)
