# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definitions that the role awx applies: AWX would take them, and one that is broken is found."""

from __future__ import annotations

from typing import Any

from awx_kinds import refused_rrule, refused_survey
from awx_role import KNOWN, Definitions, awx_variable, playbooks

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_definitions import definition_problems
from checkout import ROOT, load_yaml

# What makes no sense as a job of AWX, and why is said in roles/awx/vars/main/templates.yml.
NOT_IN_AWX = {"playbooks/schedule.yml", "playbooks/configure_awx.yml"}


def named(items: list[dict[str, Any]], end: str) -> dict[str, Any]:
    (found,) = (item for item in items if item["name"].endswith(end))
    return found


def test_nothing_is_wrong_with_them(definitions: Definitions) -> None:
    assert definition_problems(definitions, KNOWN, playbooks()) == []


def test_every_playbook_has_a_job_template(definitions: Definitions) -> None:
    used = {template["playbook"] for template in definitions["controller_templates"]}

    assert used == playbooks() - NOT_IN_AWX


def test_the_rules_of_awx_itself_take_each_survey_and_each_recurrence(definitions: Definitions) -> None:
    surveys = [one["survey_spec"] for one in definitions["controller_templates"] if "survey_spec" in one]

    assert len(surveys) > 20
    assert [list(refused_survey(survey)) for survey in surveys if list(refused_survey(survey))] == []
    assert [list(refused_rrule(one["rrule"])) for one in definitions["controller_schedules"]] == [[]] * 4


def test_the_questions_say_what_the_argument_specs_say(definitions: Definitions) -> None:
    options: dict[str, Any] = {}
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        options.update(load_yaml(path)["argument_specs"]["main"]["options"])
    asked = [
        question
        for template in definitions["controller_templates"]
        for question in template.get("survey_spec", {}).get("spec", [])
        if question["variable"] in options
    ]

    assert len(asked) > 40
    for question in asked:
        option = options[question["variable"]]
        if option["type"] == "bool":
            assert (question["choices"], question["default"]) == ("true\nfalse", str(option["default"]).lower())
        elif "choices" in option:
            assert question["choices"].splitlines() == [str(one) for one in option["choices"] if one]
        if option["type"] in ("int", "float"):
            assert question["type"] == {"int": "integer", "float": "float"}[option["type"]]
            assert question["default"] == option["default"]
            assert question.get("min", question["default"]) <= question["default"]


def changes_an_incident(playbook: str) -> bool:
    """Whether the playbook changes an incident that its id names; one that is opened has none yet."""
    texts = [
        (ROOT / "roles" / role["role"].rpartition(".")[2] / "meta" / "argument_specs.yml").read_text("utf-8")
        for play in load_yaml(ROOT / playbook)
        for role in play.get("roles", [])
        if role.get("vars", {}).get("incident_state") != "opened"
    ]
    return any("_record:" in text and "incident_record" in text for text in texts)


def test_who_changes_an_incident_is_asked_which_record_is_meant(definitions: Definitions) -> None:
    templates = [one for one in definitions["controller_templates"] if changes_an_incident(one["playbook"])]

    assert {template["playbook"].removeprefix("playbooks/").removesuffix(".yml") for template in templates} == {
        "acknowledge",
        "note",
        "set_severity",
        "resolve",
        "close",
        "review",
    }
    for template in templates:
        asked = {question["variable"]: question for question in template["survey_spec"]["spec"]}
        assert list(asked)[:2] == ["incident_id", "incident_record"]
        question = asked["incident_record"]
        assert (question["type"], question["choices"].splitlines()) == ("multiplechoice", ["host", "controller"])
        # Most people need not answer: left open, the record is looked for.
        assert (question["required"], question["default"]) == (False, "")


def test_the_limit_of_the_list_of_incidents_is_that_of_the_playbook(definitions: Definitions) -> None:
    survey = named(definitions["controller_templates"], ": incidents")["survey_spec"]
    (limit,) = (question for question in survey["spec"] if question["variable"] == "incidents_limit")

    assert f"incidents_limit | default({limit['default']})" in (ROOT / "playbooks" / "incidents.yml").read_text("utf-8")


def test_no_secret_is_in_the_extra_variables_or_in_what_a_job_shows(definitions: Definitions) -> None:
    assert all(set(kind["injectors"]) == {"env"} for kind in definitions["controller_credential_types"])
    assert all("extra_vars" not in template for template in definitions["controller_templates"])
    assert [one for one in definitions["controller_credential_types"][0]["inputs"]["fields"] if "token" in one["id"]
            and not one.get("secret")] == []  # fmt: skip


def test_an_injector_stays_a_template_of_awx(definitions: Definitions) -> None:
    (injector,) = named(definitions["controller_credential_types"], "probe account")["injectors"]["env"].values()

    assert injector == "{{ password }}"


def test_destructive_actions_can_be_approved_in_the_survey_of_their_scenario(definitions: Definitions) -> None:
    def choices(template: str) -> list[str]:
        survey = named(definitions["controller_templates"], template)["survey_spec"]
        (found,) = (one for one in survey["spec"] if one["variable"] == "remediation_approved_actions")
        return list(found["choices"].splitlines())

    assert choices("remediate model server") == ["restore_model"]
    assert "restore_model" in choices(": respond")
    assert len(choices(": respond")) >= 10


def test_a_question_can_be_left_out() -> None:
    templates = awx_variable("__awx_job_templates", awx_questions_left_out=["health_check_fail_on"])

    assert [one["variable"] for one in templates[0]["survey_spec"]["spec"]] == ["health_check_writing_probes"]


def test_the_only_question_of_a_survey_can_be_left_out() -> None:
    found = awx_variable("__awx_definitions", awx_questions_left_out=["retention_days"])

    assert named(found["controller_templates"], ": retention")["survey_spec"] == {}
    assert definition_problems(found, KNOWN, playbooks()) == []


def test_a_question_that_the_workflow_answers_cannot_be_left_out() -> None:
    found = awx_variable("__awx_definitions", awx_questions_left_out=["triage_fail_on"])

    (told,) = definition_problems(found, KNOWN, playbooks())
    assert "node triage: extra_data triage_fail_on is no question of the survey of Incident response: triage." in told


def test_the_workflow_leads_from_the_triage_over_an_approval_to_the_review(definitions: Definitions) -> None:
    (workflow,) = definitions["controller_workflows"]
    nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}

    way, node = ["triage"], nodes["triage"]
    while following := [one for link in ("success", "failure", "always") for one in node.get(f"{link}_nodes", [])]:
        (name,) = following
        way.append(name)
        node = nodes[name]
    assert way == ["triage", "approval", "approve", "respond", "verify", "review"]
    # Of the artifacts of slices AWX keeps only the last one's.
    sliced = {one["name"] for one in definitions["controller_templates"] if "job_slice_count" in one}
    assert all(one["job_slice_count"] == 1 for one in nodes.values() if one.get("unified_job_template") in sliced)
