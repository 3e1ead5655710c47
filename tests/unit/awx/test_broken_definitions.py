# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way in which definitions for AWX can be broken is found before AWX is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from awx_role import KNOWN, Definitions, playbooks

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_definitions import definition_problems
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_shape_rules import NEEDED
from checkout import ROOT


def question_of(definitions: Definitions, variable: str) -> dict[str, Any]:
    (found,) = (
        question
        for template in definitions["controller_templates"]
        if template["playbook"]
        in (
            "playbooks/health_check.yml",
            "playbooks/high_latency.yml",
            "playbooks/compliance.yml",
            "playbooks/retention.yml",
            "playbooks/remediate_high_latency.yml",
        )
        for question in template["survey_spec"]["spec"]
        if question["variable"] == variable
    )
    result: dict[str, Any] = found
    return result


def node_of(definitions: Definitions, identifier: str) -> dict[str, Any]:
    nodes = definitions["controller_workflows"][0]["simplified_workflow_nodes"]
    (found,) = (node for node in nodes if node["identifier"] == identifier)
    result: dict[str, Any] = found
    return result


def schedule(definitions: Definitions, rrule: str) -> None:
    definitions["controller_schedules"][0]["rrule"] = rrule


BROKEN: list[tuple[str, Callable[[Definitions], Any], str]] = [
    # surveys
    ("type", lambda d: question_of(d, "health_check_fail_on").update(type="choice"), "choice is no type"),
    ("default", lambda d: question_of(d, "health_check_fail_on").update(default="all"), "'all' is none of the choices"),
    (
        "default-type",
        lambda d: question_of(d, "high_latency_samples").update(default="5"),
        "'5' is not of type integer",
    ),
    (
        "two-defaults",
        lambda d: question_of(d, "health_check_fail_on").update(default="never\nwarning"),
        "several defaults",
    ),
    ("choices", lambda d: question_of(d, "health_check_fail_on").pop("choices"), "there are no choices"),
    ("required-key", lambda d: question_of(d, "high_latency_samples").pop("required"), "has no required"),
    ("question-name", lambda d: question_of(d, "high_latency_samples").pop("question_name"), "has no question_name"),
    ("limits", lambda d: question_of(d, "high_latency_samples").update(min=9, max=3), "min 9 is above max 3"),
    ("outside", lambda d: question_of(d, "high_latency_samples").update(min=9), "is outside of 9 to 100"),
    ("limit-type", lambda d: question_of(d, "retention_days").update(max=1.5), "max is no whole number"),
    (
        "twice",
        lambda d: d["controller_templates"][0]["survey_spec"]["spec"].append(question_of(d, "health_check_fail_on")),
        "health_check_fail_on is asked twice",
    ),
    (
        "description",
        lambda d: d["controller_templates"][0]["survey_spec"].pop("description"),
        "The survey has no description",
    ),
    ("nothing", lambda d: d["controller_templates"][0]["survey_spec"].update(spec=[]), "The survey asks nothing"),
    # recurrences
    ("interval", lambda d: schedule(d, "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY"), "INTERVAL is required"),
    (
        "secondly",
        lambda d: schedule(d, "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=SECONDLY;INTERVAL=5"),
        "FREQ=SECONDLY",
    ),
    (
        "zone",
        lambda d: schedule(d, "DTSTART;TZID=Mars/Base:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1"),
        "Mars/Base is no",
    ),
    (
        "no-zone",
        lambda d: schedule(d, "DTSTART:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1"),
        "DTSTART has no time zone",
    ),
    (
        "time",
        lambda d: schedule(d, "DTSTART;TZID=UTC:20261301T000000 RRULE:FREQ=DAILY;INTERVAL=1"),
        "20261301T000000 is no",
    ),
    (
        "count",
        lambda d: schedule(d, "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000"),
        "COUNT is not",
    ),
    (
        "until",
        lambda d: schedule(d, "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1;UNTIL=20270101"),
        "COUNT and UNTIL exclude",
    ),
    (
        "weekday",
        lambda d: schedule(d, "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=2MO"),
        "BYDAY=2MO",
    ),
    *(
        (
            part,
            lambda d, part=part: schedule(d, f"DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1;{part}"),
            f"{part.split(',')[-1]} is no",
        )
        for part in (
            "UNTIL=never",
            "UNTIL=20270231",
            "BYMONTH=13",
            "BYHOUR=24",
            "BYMINUTE=x",
            "BYMONTHDAY=0",
            "BYSETPOS=",
            "WKST=1",
        )
    ),
    ("no-rule", lambda d: schedule(d, "every night"), "it is not 'DTSTART"),
    # what names what
    ("project", lambda d: d["controller_templates"][0].update(project="Other"), "project Other is not defined"),
    ("inventory", lambda d: d["controller_templates"][0].update(inventory="Other"), "inventory Other is not defined"),
    (
        "credential",
        lambda d: d["controller_templates"][0]["credentials"].append("Other"),
        "credentials Other is not defined",
    ),
    (
        "environment",
        lambda d: d["controller_templates"][0].update(execution_environment="E"),
        "execution_environment E is not",
    ),
    (
        "notification",
        lambda d: d["controller_workflows"][0].update(notification_templates_approvals=["N"]),
        "approvals N is not",
    ),
    (
        "type-of-credential",
        lambda d: d["controller_credentials"][0].update(credential_type="T"),
        "credential_type T is not",
    ),
    ("organization", lambda d: d["controller_projects"][0].update(organization="O"), "organization O is not defined"),
    ("host", lambda d: d["controller_groups"][0]["hosts"].append("lost"), "host lost is not defined"),
    (
        "scheduled",
        lambda d: d["controller_schedules"][0].update(unified_job_template="J"),
        "unified_job_template J is not",
    ),
    (
        "playbook",
        lambda d: d["controller_templates"][0].update(playbook="playbooks/no.yml"),
        "playbooks/no.yml is not in",
    ),
    ("same-name", lambda d: d["controller_templates"].append(d["controller_templates"][0]), "is defined 2 times"),
    ("kind", lambda d: d.update(controller_jobs=[]), "controller_jobs is none of"),
    (
        "schedule-answer",
        lambda d: d["controller_schedules"][0].update(extra_data={"no_question": 1}),
        "escalation every 5 minutes: extra_data no_question is no question of the survey of",
    ),
    # workflows
    (
        "node-answer",
        lambda d: node_of(d, "verify").update(extra_data={"x": 1}),
        "node verify: extra_data x is no question",
    ),
    (
        "node-template",
        lambda d: node_of(d, "verify").update(unified_job_template="J"),
        "node verify: unified_job_template J",
    ),
    ("node-link", lambda d: node_of(d, "verify").update(success_nodes=["end"]), "success_nodes end is no node"),
    ("orphan", lambda d: node_of(d, "verify").pop("success_nodes"), "node review is an orphan"),
    ("node-twice", lambda d: node_of(d, "verify").update(identifier="respond"), "node respond is there 2 times"),
    ("node-empty", lambda d: node_of(d, "verify").pop("unified_job_template"), "node verify needs either"),
]


@pytest.mark.parametrize("damage, said", [pytest.param(do, said, id=name) for name, do, said in BROKEN])
def test_a_broken_definition_is_found(
    definitions: Definitions, damage: Callable[[Definitions], Any], said: str
) -> None:
    damage(definitions)

    assert said in " ".join(definition_problems(definitions, KNOWN, playbooks()))


@pytest.mark.parametrize(
    "part", ["UNTIL=20270101T000000Z", "UNTIL=20270101", "BYMONTHDAY=-1,15", "BYHOUR=0,23", "WKST=SU"]
)
def test_what_awx_takes_of_a_recurrence_is_not_refused(definitions: Definitions, part: str) -> None:
    schedule(definitions, f"DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1;{part}")

    assert definition_problems(definitions, KNOWN, playbooks()) == []


def first(definitions: Definitions, kind: str) -> dict[str, Any]:
    return definitions[kind][0]


WRONG_SHAPES: list[tuple[str, Callable[[Any], Any], str]] = [
    ("text", lambda d: d.update(controller_templates="x"), "controller_templates has to be a list"),
    ("nothing", lambda d: d.update(controller_schedules=None), "controller_schedules has to be a list"),
    ("item", lambda d: d["controller_templates"].append("x"), "has to be a table"),
    ("no-name", lambda d: first(d, "controller_templates").update(name=""), "item 1: name is missing"),
    ("number-name", lambda d: first(d, "controller_hosts").update(name=5), "name has to be a text; quote it"),
    ("digits", lambda d: first(d, "controller_hosts").update(name="5"), "digits alone for a number"),
    ("path", lambda d: first(d, "controller_schedules").update(name="a++b"), "take a name with ++ for a path"),
    ("blank", lambda d: first(d, "controller_schedules").update(name="a "), "begins or ends with a blank"),
    ("no-playbook", lambda d: first(d, "controller_templates").pop("playbook"), "health check): playbook is missing"),
    ("no-image", lambda d: first(d, "controller_execution_environments").update(image=""), "image is missing"),
    ("no-nodes", lambda d: first(d, "controller_workflows").pop("simplified_workflow_nodes"), "nodes is missing"),
    ("node", lambda d: first(d, "controller_workflows").update(simplified_workflow_nodes=["x"]), "a list of tables"),
    ("node-name", lambda d: node_of(d, "verify").pop("identifier"), "node 5: identifier is missing"),
    ("survey", lambda d: first(d, "controller_templates").update(survey_spec="x"), "survey_spec has to be a table"),
    (
        "question",
        lambda d: first(d, "controller_templates")["survey_spec"].update(spec=["x"]),
        "each question of survey_spec has to be a table",
    ),
    ("variables", lambda d: first(d, "controller_hosts").update(variables="docker1"), "variables has to be a table"),
    ("slices", lambda d: first(d, "controller_templates").update(job_slice_count=-1), "job_slice_count has to be"),
    ("forks", lambda d: first(d, "controller_templates").update(forks="many"), "forks has to be a whole number"),
    ("reference", lambda d: first(d, "controller_templates").update(credentials=[{}]), "credentials has to be a name"),
    ("number", lambda d: first(d, "controller_templates").update(project=5), "project has to be a name"),
    (
        "power",
        lambda d: schedule(d, "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=\u00b2"),
        "INTERVAL is required",
    ),
]


@pytest.mark.parametrize("damage, said", [pytest.param(do, said, id=name) for name, do, said in WRONG_SHAPES])
def test_what_has_not_the_shape_of_a_definition_is_told_and_not_stumbled_over(
    definitions: Definitions, damage: Callable[[Any], Any], said: str
) -> None:
    damage(definitions)

    assert said in " ".join(definition_problems(definitions, KNOWN))


@pytest.mark.parametrize(
    "inputs, said",
    [
        ({"pass": "told-9Vb3zz"}, "its type has no input pass, only password."),
        ({"pass": "told-9Vb3zz"}, "the input password is missing."),
        ({"password": ""}, "the input password is missing."),
    ],
)
def test_a_credential_that_its_type_does_not_fit_is_found_and_no_secret_is_told(
    definitions: Definitions, inputs: dict[str, str], said: str
) -> None:
    (probe,) = (one for one in definitions["controller_credentials"] if one["name"].endswith("probe account"))
    probe["inputs"] = inputs

    told = " ".join(definition_problems(definitions, KNOWN))

    assert f"credential {probe['name']}: {said}" in told
    assert "told-9Vb3zz" not in told


def test_what_the_tasks_take_without_a_default_is_what_a_definition_needs() -> None:
    tasks = (file.read_text("utf-8") for file in (ROOT / "roles" / "awx" / "tasks").glob("*.yml"))
    taken = {
        (kind, key)
        for task in "\n".join(tasks).split("\n- name: ")
        for kind in re.findall(r"__awx_definitions\.(\w+)", task)[:1]
        for key in re.findall(r"__awx_(?:item(?:\.0)?|credential)\.([a-z_]+) }}", task)
    }

    assert {(kind, key) for kind, keys in NEEDED.items() for key in keys if key != "simplified_workflow_nodes"} == taken
