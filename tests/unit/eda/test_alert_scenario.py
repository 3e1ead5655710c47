# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an alert: its playbook and host, or why it is refused. Nothing unchecked is passed on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.extensions.eda.plugins.event_filter.alert_scenario import (
    Platform,
    Settings,
    judged,
    main,
    read_settings,
)
from checkout import ROOT

SETTINGS = read_settings({})
LABELS = {"alertname": "InstanceDown", "host": "agentfoundry", "service": "user-service", "severity": "critical"}


def alert(status: str = "firing", **labels: Any) -> dict[str, Any]:
    """An alert as Alertmanager 0.25 posts it; a label that is None is left out."""
    return {
        "status": status,
        "labels": {name: value for name, value in {**LABELS, **labels}.items() if value is not None},
        "annotations": {"summary": "{{ lookup('pipe', 'id') }}"},
        "startsAt": "2026-02-27T10:15:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-02-27T10:20:00+01:00",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
        "fingerprint": "a1b2c3d4e5f60718",
    }


def outcome(event: Any, settings: Settings = SETTINGS) -> dict[str, Any]:
    return dict(judged(event, settings)["alert"])


def test_a_known_firing_alert_names_playbook_host_and_what_it_is_about_and_nothing_else_is_passed_on() -> None:
    assert main(alert()) == {
        "alert": {
            "action": "remediate",
            "name": "InstanceDown",
            "host": "agentfoundry",
            "service": "user-service",
            "scenario": "service_crash",
            "playbook": "agentfoundry.incident_response.remediate_service_crash",
            "fingerprint": "a1b2c3d4e5f60718",
            "starts_at": "2026-02-27T10:15:00Z",
            "detail": "InstanceDown (user-service)",
        },
        "meta": {"hosts": ["agentfoundry"]},
    }


def test_a_resolved_alert_is_only_noted_whatever_it_is_about() -> None:
    for labels in ({}, {"alertname": "NeverHeardOf"}):
        found = outcome(alert("resolved", **labels))
        assert (found["action"], found["ends_at"]) == ("note", "2026-02-27T10:20:00+01:00")
        assert found["detail"].endswith("it fired from 2026-02-27T10:15:00Z to 2026-02-27T10:20:00+01:00.")


@pytest.mark.parametrize(
    "labels, action, scenario",
    [
        ({"scenario": "queue_backlog"}, "remediate", "queue_backlog"),
        ({"scenario": "queue_backlog", "alertname": "NeverHeardOf"}, "remediate", "queue_backlog"),
        ({"alertname": "NeverHeardOf"}, "triage", ""),
        ({"scenario": "no_such_scenario"}, "triage", ""),
        ({"service": None}, "remediate", "service_crash"),
        ({"service": ""}, "remediate", "service_crash"),
    ],
    ids=str,
)
def test_the_label_scenario_goes_before_the_name_and_what_is_not_known_is_triaged(
    labels: dict[str, Any], action: str, scenario: str
) -> None:
    found = outcome(alert(**labels))

    assert (found["action"], found["scenario"]) == (action, scenario)
    assert action != "triage" or found["playbook"] == "agentfoundry.incident_response.triage"


@pytest.mark.parametrize(
    "instance",
    [
        "n1", "n1:9090", "http://n1:3000/health", "n1:3000/health", "10.0.0.5:9100", "[fd00::5]:9100", "https://n1",
        "fd00::5", "shop:9100",
    ],
)  # fmt: skip
def test_the_port_is_taken_off_an_instance_and_the_name_becomes_the_inventory_host(instance: str) -> None:
    known = Platform(known_as=frozenset({"n1", "10.0.0.5", "fd00::5"}))
    settings = Settings(SETTINGS.scenarios, SETTINGS.alerts, SETTINGS.unknown, SETTINGS.labels, {"shop": known})

    assert judged(alert(host=None, instance=instance), settings)["meta"] == {"hosts": ["shop"]}


@pytest.mark.parametrize(
    "event, words",
    [
        ("text", "no alert of Alertmanager"),
        (["a", "list"], "no alert of Alertmanager"),
        ({"payload": {}}, "no alert of Alertmanager"),
        ({"labels": {}}, "without the label alertname"),
        (alert(alertname="{{ 7 * 7 }}"), "label alertname is '?? 7 * 7 ??'"),
        (alert("silenced"), "its status is 'silenced'"),
        (alert(host=None), "none of the labels host, instance"),
        (alert(host="all"), "label host is 'all', and no platform of this name"),
        (alert(host="agentfoundry,localhost"), "no platform of this name"),
        (alert(host="!localhost"), "no platform of this name"),
        (alert(host="~.*"), "no platform of this name"),
        (alert(host="@/etc/passwd"), "no platform of this name"),
        (alert(host=["agentfoundry"]), "no platform of this name"),
        (alert(host="x" * 4000), "x...', and no platform"),
        (alert(service="a; rm -rf /"), "label service is 'a; rm -rf /', which is no name"),
        (alert(service="{{ lookup('env', 'HOME') }}"), "which is no name"),
        (alert(service=["user-service"]), "which is no name"),
        (alert(scenario="../../etc/evil.yml"), "label scenario is '../../etc/evil.yml', which is no name"),
        ({**alert(), "fingerprint": "$(id)"}, "its fingerprint is '$(id)'"),
        ({**alert(), "startsAt": "yesterday"}, "its startsAt is 'yesterday'"),
        ({**alert(), "startsAt": "2026-02-31T10:15:00Z"}, "its startsAt is '2026-02-31T10:15:00Z', which is no time"),
        ({**alert(), "startsAt": "\u0662026-02-27T10:15:00Z"}, "its startsAt is"),
        ({**alert("resolved"), "endsAt": None}, "its endsAt is 'None'"),
        ({**alert("resolved"), "endsAt": "2026-02-27T25:15:00Z"}, "which is no time"),
        (alert(host="agentfoundry\x1b[2J\n"), "'agentfoundry?[2J?'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused_and_told_and_reaches_no_host(event: Any, words: str) -> None:
    found = judged(event, SETTINGS)

    assert set(found) == {"alert"}
    assert found["alert"]["action"] == "refused"
    assert words in found["alert"]["detail"]


def test_a_service_that_the_platform_does_not_list_is_refused_by_name() -> None:
    listed = {"agentfoundry": Platform(services=frozenset({"user-service"}))}
    settings = Settings(SETTINGS.scenarios, SETTINGS.alerts, SETTINGS.unknown, SETTINGS.labels, listed)

    assert outcome(alert(), settings)["action"] == "remediate"
    refused = outcome(alert(service="user-servise"), settings)
    assert (refused["action"], refused["detail"]) == (
        "refused",
        "InstanceDown: 'user-servise' is none of the services that platforms has for agentfoundry.",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, JSON, JSON)
def test_no_text_of_an_alert_reaches_an_action_unchecked(one: Any, other: Any, third: Any) -> None:
    found = judged({**alert(host=one, service=other, alertname=third), "startsAt": "2026-01-01T00:00:00Z"}, SETTINGS)

    assert found["alert"]["action"] in {"remediate", "triage", "refused"}
    assert "{{" not in json.dumps(found)
    assert found.get("meta", {"hosts": ["agentfoundry"]}) == {"hosts": ["agentfoundry"]}


# The file of the user's own


def own(folder: Path, text: str) -> dict[str, str]:
    path = folder / "alerts.yml"
    path.write_text(text, encoding="utf-8")
    return {"INCIDENT_RESPONSE_ALERTS": str(path)}


def test_an_own_file_adds_scenarios_and_alerts_and_names_its_own_platforms(tmp_path: Path) -> None:
    settings = read_settings(
        own(
            tmp_path,
            "scenarios: {certificate: acme.ops.renew}\n"
            "alerts: {CertificateExpires: certificate, InstanceDown: certificate}\n"
            "platforms: {shop: {known_as: [docker1.example.com], services: [web]}, docs: }\n",
        )
    )

    assert settings.scenarios["service_crash"] == SETTINGS.scenarios["service_crash"]
    assert settings.alerts["InstanceDown"] == "certificate"
    assert settings.alerts["RedisDown"] == SETTINGS.alerts["RedisDown"]
    found = judged(alert(host=None, instance="docker1.example.com:9100", service="web"), settings)
    assert (found["meta"]["hosts"], found["alert"]["playbook"]) == (["shop"], "acme.ops.renew")
    assert outcome(alert(), settings)["action"] == "refused"


@pytest.mark.parametrize(
    "text, words",
    [
        ("a: [", "cannot be read"),
        ("- a list", "give the keys alerts, labels, platforms, scenarios, unknown, and no others"),
        ("alert: {}", "and no others"),
        ("1: {}", "and no others"),
        ("scenarios: [a]", "scenarios has to be a table"),
        ("scenarios: {mine: 'x; id'}", "scenarios.mine has the value 'x; id'"),
        ("alerts: {Mine: nowhere}", "alerts names the scenarios nowhere, which scenarios does not have"),
        ("unknown: ''", "unknown has the value ''"),
        ("labels: {host: [host]}", "labels has to have the keys scenario, host and service"),
        ("labels: {host: host, scenario: [], service: []}", "labels.host has to be a list of names"),
        ("platforms: {shop: {known: [a]}}", "platforms.shop may have the keys known_as and services"),
        ("platforms: {'~.*': }", "platforms has the value '~.*'"),
    ],
)
def test_a_mistake_in_the_own_file_ends_the_start_and_names_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    environment = own(tmp_path, text)

    with pytest.raises(ValueError, match=r"alerts\.yml") as error:
        read_settings(environment)
    assert words in str(error.value)


def test_an_own_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"/nowhere/alerts\.yml \(INCIDENT_RESPONSE_ALERTS\) cannot be read"):
        read_settings({"INCIDENT_RESPONSE_ALERTS": "/nowhere/alerts.yml"})


def test_every_scenario_of_the_collection_is_mapped_to_a_playbook_that_is_there() -> None:
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("remediate_*.yml")}

    assert set(SETTINGS.scenarios.values()) == {f"agentfoundry.incident_response.{name}" for name in playbooks}
    assert (ROOT / "playbooks" / f"{SETTINGS.unknown.rpartition('.')[2]}.yml").is_file()
