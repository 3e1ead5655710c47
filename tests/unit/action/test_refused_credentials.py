# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a log with rejected clients to the plans of two scenarios: whose credentials are wrong, and nobody restarted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from action_harness import run_action
from fake_platform import FakePlatform, inspected

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_plan import ActionModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpAnswer
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes import postgres
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres import PostgresProbe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import ObserveOptions
from checkout import ROOT, load_yaml

HEALTHY = (Path(__file__).resolve().parents[2] / "fixtures" / "postgres" / "healthy.stdout").read_text(encoding="utf-8")
PASSWORD = "0nly-for-orders"
ORDERS, BILLING = "172.18.0.5", "172.18.0.6"
# As PostgreSQL 15 wrote them, with the lab's log_line_prefix ('%m [%p] %a %u@%d %h ') and with the default one.
WITH_ADDRESS = "2026-02-27 13:46:{second} UTC [97] [unknown] shop@shop {address} FATAL:  {text}"
PLAIN = "2026-02-27 13:46:{second} UTC [97] FATAL:  {text}"
REJECTED = 'password authentication failed for user "shop"'
KNOWN_GOOD = {
    "image": "example/order-service:1",
    "image_id": "sha256:1",
    "config_hash": "before",
    "compose_version": "2",
}


def container(service: str, address: str, port: int = 0, **changes: Any) -> dict[str, Any]:
    entry = inspected(service, port=port, needs=("db",) if port else (), **changes)
    entry["NetworkSettings"]["Networks"]["shop_default"]["IPAddress"] = address
    entry["Image"] = "sha256:1"
    entry["Config"]["Env"].append(f"DATABASE_URL=postgresql://shop:{PASSWORD}@db:5432/shop")
    return entry


COMPOSE = {"com.docker.compose.config-hash": "now", "com.docker.compose.version": "2"}
DB = container("db", "172.18.0.2", image="postgres:16")
ORDER_SERVICE = container("order-service", ORDERS, 3001, labels=COMPOSE)
OTHERS = container("billing", BILLING, 3002)


def lines(*addresses: str, prefix: str = WITH_ADDRESS, text: str = REJECTED) -> str:
    stamps = [(f"{20 + number:02}", address) for number, address in enumerate(addresses)]
    return "".join(
        f"2026-02-27T13:46:{second}.000000000Z {prefix.format(second=second, address=address, text=text)}\n"
        for second, address in stamps
    )


def look(
    log: str, *containers: dict[str, Any], sick: tuple[int, ...] = (3001,), sample: Mapping[str, Any] | None = None,
    service_log: str = "",
) -> dict[str, Any]:  # fmt: skip
    bad = {port: HttpAnswer("u", 503, b'{"status": "degraded"}', latency=0.01, connected=True) for port in sick}
    platform = FakePlatform(
        containers or (DB, ORDER_SERVICE, OTHERS),
        replies=[("logs db-id", log), ("exec psql", HEALTHY)]
        + ([("logs order-service-id", service_log)] if service_log else []),
        http=bad,
        record={"available": True, "maintenance": [], "samples": {"order-service": sample or {}}},
    )
    data = platform_data(observe(ObserveOptions(), platform.means, {"postgres": PostgresProbe()}), "shop")
    assert PASSWORD not in str(data)
    return data


def plan(observed: dict[str, Any], scenario: str = "database_connection") -> dict[str, Any]:
    role = ROOT / "roles" / scenario
    limit = load_yaml(role / "defaults" / "main.yml")
    ladder = [
        {**rung, "deadline": rung["deadline"] if isinstance(rung["deadline"], int) else 30}
        for rung in limit[f"{scenario}_ladder"]
    ]
    kinds = load_yaml(role / "tasks" / "main.yml")[0]["vars"]["remediation_kinds"]
    options = {"observed": observed, "scenario": scenario, "kinds": kinds, "ladder": ladder}
    if scenario == "service_crash":
        options["services"] = sorted(observed["services"])
    return run_action(ActionModule, options)


def steps(result: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(step["action"], step["services"]) for step in result["plan"]["steps"]]


@pytest.fixture(autouse=True)
def open_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "look_at_port", lambda *_args, **_options: "open")


def test_the_service_and_its_user_are_the_root_cause_and_the_database_is_well() -> None:
    observed = look(lines(ORDERS, ORDERS, ORDERS))
    assert (observed["failing"], observed["root_causes"]) == (["order-service"], ["order-service"])

    result = plan(observed)

    assert (result["in_trouble"], steps(result)) == (True, [])
    assert result["root_cause"] == (
        "db refuses the password of order-service for user shop; other services are not refused. Correct the password"
        " in the configuration of order-service and recreate it, or that of the user in the database."
    )
    assert result["severity"]["level"] == "P2"


def test_the_service_itself_is_not_restarted_in_vain_either() -> None:
    result = plan(look(lines(ORDERS, ORDERS, ORDERS)), "service_crash")
    assert "order-service" in result["services"]
    assert steps(result) == []
    assert result["root_cause"].startswith("db refuses the password of order-service for user shop")


def test_one_that_is_starting_is_not_waited_for_in_vain() -> None:
    starting = container("order-service", ORDERS, 3001, labels=COMPOSE, state={"Health": {"Status": "starting"}})
    observed = look(lines(ORDERS, ORDERS, ORDERS), DB, starting, OTHERS)
    assert ("container.health", "order-service", "unknown") in {
        (one["id"], one["service"], one["status"]) for one in observed["findings"]
    }

    result = plan(observed, "service_crash")

    assert steps(result) == []
    assert result["root_cause"].startswith("db refuses the password of order-service for user shop")


def test_one_that_crashes_for_it_again_and_again_is_told_why() -> None:
    state = {"Status": "restarting", "Restarting": True, "ExitCode": 1, "StartedAt": "2026-02-27T13:46:25.000000000Z"}
    crashing = {**container("order-service", ORDERS, 3001, state=state), "RestartCount": 9}
    observed = look(lines(ORDERS, ORDERS, ORDERS), DB, crashing, OTHERS)
    assert "crash.loop" in {one["id"] for one in observed["findings"] if one["status"] == "critical"}

    result = plan(observed, "service_crash")

    assert steps(result) == []
    assert result["root_cause"].startswith("db refuses the password of order-service for user shop")


def test_that_its_configuration_has_changed_is_said() -> None:
    observed = look(lines(ORDERS, ORDERS, ORDERS), sample={"last_known_good": KNOWN_GOOD})
    assert plan(observed)["root_cause"].endswith(
        "The configuration of order-service has changed: correct the password in it and recreate order-service."
    )
    assert "last_known_good" not in observed["samples"].get("order-service", {})


def test_a_change_tells_it_apart_even_where_nobody_else_uses_the_database() -> None:
    log = lines(ORDERS, ORDERS, ORDERS)
    untold = plan(look(log, DB, ORDER_SERVICE))
    assert untold["root_cause"].startswith("db rejected clients 3 times")
    told = plan(look(log, DB, ORDER_SERVICE, sample={"last_known_good": KNOWN_GOOD}))
    assert told["root_cause"].startswith("db refuses the password of order-service for user shop. The configuration")


def test_without_addresses_in_the_log_the_one_that_complains_is_told_from_those_of_the_same_user() -> None:
    log = lines("", "", "", prefix=PLAIN)
    complaint = f"2026-02-27T13:46:30.000000000Z psycopg2.OperationalError: FATAL:  {REJECTED}\n"
    assert plan(look(log))["root_cause"].startswith("db rejected clients 3 times")
    told = plan(look(log, service_log=complaint))
    assert told["root_cause"].startswith("db refuses the password of order-service for user shop; other services")


@pytest.mark.parametrize(
    "log, sick",
    [
        (lines(ORDERS, BILLING, ORDERS, BILLING), (3001, 3002)),
        (lines(ORDERS, ORDERS, ORDERS), (3001, 3002)),
        (lines(ORDERS, ORDERS, "203.0.113.9"), (3001,)),
        (lines(ORDERS, ORDERS, ORDERS, text=f'no pg_hba.conf entry for host "{ORDERS}", user "shop"'), (3001,)),
    ],
    ids=["everybody is refused", "nobody is well", "a stranger as well", "another reason than the password"],
)
def test_where_it_may_be_the_database_it_stays_the_database(log: str, sick: tuple[int, ...]) -> None:
    observed = look(log, sick=sick)
    assert "db" in observed["root_causes"]
    result = plan(observed)
    assert steps(result) == []
    assert result["root_cause"].startswith("db rejected clients")


def test_one_that_was_started_anew_since_and_is_not_refused_any_more_is_over() -> None:
    anew = container("order-service", ORDERS, 3001, state={"StartedAt": "2026-02-27T13:46:25.000000000Z"})
    observed = look(lines(ORDERS, ORDERS, ORDERS), DB, anew, OTHERS, sick=())
    assert observed["failing"] == []
    (told,) = (one for one in observed["findings"] if one["id"] == "postgres.authentication")
    assert (told["status"], told["message"]) == (
        "warning", "db refused the password of order-service for user shop until order-service was started anew.",
    )  # fmt: skip


def test_one_that_is_left_alone_by_declaration_calls_nobody() -> None:
    ignored = container("order-service", ORDERS, 3001, labels={"agentfoundry.incident_response.ignore": "true"})
    observed = look(lines(ORDERS, ORDERS, ORDERS), DB, ignored, OTHERS)
    assert observed["services"]["order-service"]["declared"]
    assert observed["failing"] == []
    assert not plan(observed)["in_trouble"]
