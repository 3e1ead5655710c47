# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the seven scenarios from the command line, where each is text: by the roles' own specs and tasks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import read_ladder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import (
    Thresholds,
    read_thresholds,
)
from checkout import ROOT, load_yaml

SCENARIOS = (
    "authentication",
    "database_connection",
    "disk_space",
    "high_latency",
    "model_server",
    "queue_backlog",
    "service_crash",
)
WITH_SERVICES = tuple(name for name in SCENARIOS if name != "disk_space")
LIMITS = {
    "database_connection_idle_limit": "postgres_idle_in_transaction_s",
    "database_connection_lock_limit": "postgres_lock_wait_s",
    "high_latency_limit": "latency_p95_ms",
    "queue_backlog_messages": "rabbitmq_queue_count",
    "queue_backlog_drain_limit": "rabbitmq_drain_s",
}
"""Option -> the limit that it sets."""


EMPTY = {"remediation_targets": None, "remediation_targets_option": "remediation_targets"}
"""The flow's own words where a scenario has none, as that on disks."""


def trusted(value: Any) -> Any:
    """What lies in the files of a role may be a template; what a person hands in here is none."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    return [trusted(item) for item in value] if isinstance(value, list) else value


def scenario_of(option: str) -> str:
    """Return the role that an option belongs to."""
    return next(name for name in SCENARIOS if option.startswith(f"{name}_"))


def handed_on(option: str, text: str) -> dict[str, Any]:
    """Return what the flow is handed by the option's role when the option is given as text.

    :raises AnsibleError: the value is refused, by the argument spec or by what the tasks do with it.
    """
    role = ROOT / "roles" / scenario_of(option)
    spec = load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    refused = ArgumentSpecValidator({option: spec[option]}).validate({option: text}).error_messages
    if refused:
        raise AnsibleError("; ".join(refused))
    variables = {
        "platform_state_dir": "/var/lib/incident_response",
        **trusted(load_yaml(role / "defaults" / "main.yml")),
        **trusted(load_yaml(role / "tasks" / "main.yml")[0]["vars"]),
        option: text,
    }
    begin = load_yaml(ROOT / "roles" / "remediation" / "tasks" / "begin.yml")[0]["ansible.builtin.set_fact"]
    templar = Templar(DataLoader(), variables={**EMPTY, **variables})
    wanted = {"services": begin["__remediation_targets"], "ladder": begin["__remediation_ladder"]}
    wanted |= {name: value for name, value in variables.items() if name.startswith(("remediation_", "ansible_"))}
    return dict(templar.template(trusted(wanted)))


def limits(option: str, text: str) -> Thresholds:
    """Return the limits that the platform is judged by."""
    return read_thresholds(handed_on(option, text)["remediation_thresholds"])


@pytest.mark.parametrize("text", ["[redis,other]", "redis,other", '["redis", "other"]'])
@pytest.mark.parametrize("scenario", WITH_SERVICES)
def test_services_are_a_list_however_they_are_written(scenario: str, text: str) -> None:
    assert handed_on(f"{scenario}_services", text)["services"] == ["redis", "other"]


@pytest.mark.parametrize("text", ["", "[]"])
@pytest.mark.parametrize("scenario", WITH_SERVICES)
def test_no_services_in_the_text_are_nobody_and_not_everybody(scenario: str, text: str) -> None:
    assert handed_on(f"{scenario}_services", text)["services"] == []


@pytest.mark.parametrize("option", LIMITS)
def test_a_limit_is_a_number(option: str) -> None:
    assert getattr(limits(option, "42"), LIMITS[option]) == 42.0


@pytest.mark.parametrize("text", ['{"restart_count": 7}', "restart_count=7"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_thresholds_are_a_mapping_however_they_are_written(scenario: str, text: str) -> None:
    assert limits(f"{scenario}_thresholds", text).restart_count == 7.0


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_ladder_may_be_json(scenario: str) -> None:
    rung = {"action": "wait", "tier": "safe", "findings": ["redis.loading"], "deadline": 5}

    ladder = read_ladder(handed_on(f"{scenario}_ladder", json.dumps([rung]))["ladder"])

    assert [(one.action, one.deadline) for one in ladder] == [("wait", 5.0)]


def test_other_numbers_and_settings_are_read_as_well() -> None:
    assert str(handed_on("high_latency_samples", "3")["remediation_latency_samples"]) == "3"
    assert str(handed_on("authentication_service_cap", "3")["remediation_service_cap"]) == "3"
    assert handed_on("disk_space_settings", '{"image_age_h": 1}')["remediation_disk"]["image_age_h"] == 1


def wrong() -> Iterator[tuple[str, str, str]]:
    """Give option, value, and what the refusal says beside the option's name."""
    for scenario in WITH_SERVICES:
        yield f"{scenario}_services", "[redis", "Give a list of names"
        yield f"{scenario}_services", "{redis: 1}", "Give a list of names"
    for scenario in SCENARIOS:
        yield f"{scenario}_ladder", "wait", "Give a list of rungs"
    for option in LIMITS:
        for text in ("many", "-1", ""):
            # Ansible refuses by itself what is no integer where the spec says int.
            own = option == "queue_backlog_messages" and text != "-1"
            yield option, text, "cannot be converted to an int" if own else "Give a positive number."
    yield "high_latency_samples", "x", "cannot be converted to an int"
    yield "authentication_service_cap", "x", "cannot be converted to an int"
    yield "disk_space_log_max_file", "x", "cannot be converted to an int"
    yield "disk_space_remote_tmp", "", "Give a folder by its absolute path"
    yield "disk_space_remote_tmp", "somewhere", "Give a folder by its absolute path"


@pytest.mark.parametrize("option, text, told", list(wrong()))
def test_a_wrong_value_is_refused_with_its_option_the_value_and_what_to_give(option: str, text: str, told: str) -> None:
    with pytest.raises(AnsibleError) as caught:
        handed_on(option, text)

    message = str(caught.value)
    assert option in message
    assert f"'{text}'" in message
    assert told in message


@pytest.mark.parametrize("option", [*(f"{scenario}_thresholds" for scenario in SCENARIOS), "disk_space_settings"])
def test_a_text_that_is_no_mapping_is_refused_with_its_option_and_the_forms_that_there_are(option: str) -> None:
    with pytest.raises(AnsibleError) as caught:
        handed_on(option, "fast")

    assert option in str(caught.value)
    assert "JSON or key=value" in str(caught.value)


def variable_of(role: str, name: str, **given: Any) -> Any:
    """Return a variable of the role's own, of vars/main.yml, with these options."""
    variables = {**trusted(load_yaml(ROOT / "roles" / role / "vars" / "main.yml")), **given}
    return Templar(DataLoader(), variables=variables).template(variables[name])


@pytest.mark.parametrize("text, units", [("", []), ("tell.service", ["tell.service"]), ("a@x,b", ["a@x", "b"])])
def test_units_that_are_given_as_text_are_units_and_not_letters(text: str, units: list[str]) -> None:
    assert variable_of("schedule", "__schedule_on_failure", schedule_on_failure=text) == units


@pytest.mark.parametrize(
    "given, words",
    [("shop,bank", ["shop,bank"]), (["hosts", "shop,"], ["hosts", "--inventory", "shop,"]), ([], []), ("", [])],
)
def test_an_inventory_that_is_given_as_text_is_one_inventory(given: Any, words: list[str]) -> None:
    told = variable_of("schedule", "__schedule_inventory_words", schedule_inventory=given)

    assert told == (["--inventory", *words] if words else [])


def test_folders_of_actions_that_are_given_as_text_are_searched_first() -> None:
    folders = variable_of("remediation", "__remediation_action_dirs", remediation_action_dirs="/a,/b", role_path="/r")

    assert folders == ["/a", "/b", "/r/tasks/actions"]


@pytest.mark.parametrize("limit, goes_on", [("2", True), (2, True), ("1", False), (1, False)])
def test_the_limit_of_scenarios_may_be_text(limit: Any, goes_on: bool) -> None:
    condition = load_yaml(ROOT / "roles" / "respond" / "tasks" / "next.yml")[-1]["when"][-1]
    variables = {"__respond_done": ["disk_space"], "respond_scenario_limit": limit}

    templar = Templar(DataLoader(), variables=variables)

    assert templar.template(trust_as_template(f"{{{{ {condition} }}}}")) is goes_on
