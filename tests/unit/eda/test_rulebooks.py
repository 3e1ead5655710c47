# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks are what ansible-rulebook takes, hold no secret, and reach only the host that an event names."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from checkout import ROOT, load_yaml, relative

RULEBOOKS = sorted((ROOT / "extensions" / "eda" / "rulebooks").glob("*.yml"))
BOTH = ("alertmanager", "compose_events")


def schema() -> Any:
    """Return the schema of the installed ansible-rulebook; the package itself is not imported, that takes a second."""
    spec = importlib.util.find_spec("ansible_rulebook")
    assert spec is not None
    assert spec.origin is not None
    return json.loads((Path(spec.origin).parent / "schema" / "ruleset_schema.json").read_text(encoding="utf-8"))


def rules(path: Path) -> list[dict[str, Any]]:
    return [rule for ruleset in load_yaml(path) for rule in ruleset["rules"]]


@pytest.mark.parametrize("path", RULEBOOKS, ids=relative)
def test_a_rulebook_holds_to_the_schema_of_ansible_rulebook(path: Path) -> None:
    validator = jsonschema.validators.validator_for(schema())(schema())
    faults = [error.message for error in validator.iter_errors(load_yaml(path))]

    assert faults == []


@pytest.mark.parametrize("path", RULEBOOKS, ids=relative)
def test_a_run_waits_for_the_run_before_it_on_the_same_platform(path: Path) -> None:
    runs = [rule for rule in rules(path) if "run_playbook" in rule["action"]]

    assert runs
    for rule in runs:
        assert rule["action"]["run_playbook"]["lock"].startswith("{{ event"), rule["name"]
    assert {ruleset["execution_strategy"] for ruleset in load_yaml(path)} == {"parallel"}


def test_alerts_which_come_again_are_held_by_the_rules_and_events_which_do_not_by_their_source() -> None:
    alerts, events = (rules(ROOT / "extensions" / "eda" / "rulebooks" / f"{name}.yml") for name in BOTH)

    assert [rule["name"] for rule in alerts if not rule["throttle"]["group_by_attributes"]] == []
    assert [rule["name"] for rule in events if "throttle" in rule] == []


@pytest.mark.parametrize("path", RULEBOOKS, ids=relative)
def test_an_event_without_a_host_reaches_none(path: Path) -> None:
    for ruleset in load_yaml(path):
        assert ruleset["hosts"].startswith("the-host-that-the-")


def test_the_webhook_listens_on_loopback_with_a_token_that_is_not_in_the_file() -> None:
    (source,) = load_yaml(ROOT / "extensions" / "eda" / "rulebooks" / "alertmanager.yml")[0]["sources"]

    assert source["eda.builtin.webhook"] == {
        "host": "{{ alert_listen_address | default('127.0.0.1') }}",
        "port": "{{ alert_listen_port | default(5001) }}",
        "token": "{{ INCIDENT_RESPONSE_ALERT_TOKEN }}",
    }


def test_the_longest_post_of_the_shipped_route_is_no_longer_than_the_webhook_takes() -> None:
    hooks = load_yaml(ROOT / "extensions" / "prometheus" / "alertmanager.yml")["receivers"][1]["webhook_configs"]
    alert_bytes, webhook_bytes = 4096, 1 << 20

    assert 0 < hooks[0]["max_alerts"] * alert_bytes < webhook_bytes
