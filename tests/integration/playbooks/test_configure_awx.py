# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure_awx.yml, with the modules of awx.awx as they are, against a double of the API of AWX."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from awx_role import GIVEN, HOSTS, playbooks
from fake_awx import TOKEN, FakeAwx, running_awx
from playbook_run import PlaybookRun, run_playbook

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_definitions import KINDS

Configure = Callable[..., PlaybookRun]
# Each kind of definitions, and the links between the nodes of workflows, after the nodes.
TASKS = len(KINDS) + 2
SECRETS = {
    "slack_token": "slack-4hT9wq",
    "password": "probe-7Kd2mx",
    "token": "told-9Vb3zz",
    "ssh_key_data": "key-5Lp8",
}
GIVEN_HERE = {
    **GIVEN,
    "awx_machine": {"username": "deploy", "ssh_key_data": SECRETS["ssh_key_data"], "become_method": "sudo"},
    "awx_secrets": {
        "notifications": {"slack_token": SECRETS["slack_token"]},
        "probe": {"password": SECRETS["password"]},
    },
    "awx_notifications": [
        {
            "name": "ops",
            "notification_type": "slack",
            "notification_configuration": {"token": SECRETS["token"], "channels": ["#ops"]},
        },
        {
            "name": "desk",
            "notification_type": "webhook",
            "notification_configuration": {"url": "https://desk.example.com", "http_method": "POST", "headers": {}},
        },
    ],
}


@pytest.fixture(scope="module")
def awx() -> Iterator[FakeAwx]:
    with running_awx(playbooks()) as found:
        yield found


@pytest.fixture(scope="module")
def configure(awx: FakeAwx, tmp_path_factory: pytest.TempPathFactory) -> Configure:
    def run(*options: str, url: str = awx.url, **variables: Any) -> PlaybookRun:
        return run_playbook(
            "configure_awx.yml",
            tmp_path_factory.mktemp("runner"),
            variables={**GIVEN_HERE, **variables},
            options=options,
            environment={"CONTROLLER_HOST": url, "CONTROLLER_OAUTH_TOKEN": TOKEN},
            timeout=900,
        )

    return run


@pytest.fixture(scope="module")
def first(configure: Configure) -> PlaybookRun:
    """The run that makes everything."""
    run = configure("-vvv", "--diff")
    assert run.rc == 0, run.output[-3000:]
    return run


@pytest.mark.slow
def test_check_mode_on_an_empty_awx_says_what_would_be_made_and_makes_nothing(
    configure: Configure, tmp_path: Path
) -> None:
    with running_awx(playbooks()) as empty:
        run = configure("--check", url=empty.url)

        assert run.rc == 0, run.output[-3000:]
        assert run.changed == TASKS
        assert empty.writes == []


@pytest.mark.slow
def test_the_first_run_makes_everything(first: PlaybookRun, awx: FakeAwx) -> None:
    assert first.changed == TASKS
    template = awx.named("job_templates", "Incident response: health check")
    assert awx.names("job_templates", template, "credentials") == [
        "Incident response: machine",
        "Incident response: notifications",
    ]
    assert awx.names("job_templates", template, "notification_templates_error") == ["ops", "desk"]
    survey = awx.surveys["job_templates", template["id"]]
    assert [question["variable"] for question in survey["spec"]] == [
        "health_check_fail_on",
        "health_check_writing_probes",
    ]
    group = awx.named("groups", "platforms")
    assert sorted(awx.names("groups", group, "hosts")) == ["bank", "shop"]
    assert len(awx.items["schedules"]) == 4
    assert len(awx.items["job_templates"]) > 20


@pytest.mark.slow
def test_the_workflow_leads_from_node_to_node(first: PlaybookRun, awx: FakeAwx) -> None:
    def after(identifier: str) -> dict[str, list[str]]:
        node = awx.named("workflow_job_template_nodes", identifier)
        links = {
            link: awx.names("workflow_job_template_nodes", node, f"{link}_nodes")
            for link in ("success", "failure", "always")
        }
        return {link: names for link, names in links.items() if names}

    assert after("triage") == {"failure": ["approval"]}
    assert after("approval") == {"success": ["approve"]}
    assert after("approve") == {"success": ["respond"]}
    assert after("respond") == {"always": ["verify"]}
    assert after("verify") == {"success": ["review"]}
    assert after("review") == {}
    approval = awx.named("workflow_job_template_nodes", "approval")
    assert awx.items["workflow_approval_templates"][approval["unified_job_template"]]["timeout"] == 3600


@pytest.mark.slow
def test_secrets_reach_awx_and_no_output(first: PlaybookRun, awx: FakeAwx) -> None:
    assert awx.named("credentials", "Incident response: probe account")["inputs"] == {"password": SECRETS["password"]}
    assert awx.named("notification_templates", "ops")["notification_configuration"]["token"] == SECRETS["token"]
    told = first.output + json.dumps(first.events)
    assert [name for name, value in SECRETS.items() if value in told] == []


@pytest.mark.slow
def test_the_second_run_changes_nothing(first: PlaybookRun, awx: FakeAwx, configure: Configure) -> None:
    before = json.dumps([awx.items, list(awx.surveys.values()), sorted(map(str, awx.related.items()))], default=str)

    second = configure()

    assert second.rc == 0, second.output[-3000:]
    assert [event["task"] for event in changes(second)] == []
    assert second.changed == 0
    after = json.dumps([awx.items, list(awx.surveys.values()), sorted(map(str, awx.related.items()))], default=str)
    assert after == before


@pytest.mark.slow
def test_one_definition_that_changed_is_one_change(first: PlaybookRun, awx: FakeAwx, configure: Configure) -> None:
    hosts = {**HOSTS, "shop": {"ansible_host": "docker3.example.com"}}
    awx.writes.clear()

    rehearsed = configure("--tags=inventory", "--check", awx_hosts=hosts)
    assert (rehearsed.rc, rehearsed.changed, awx.writes) == (0, 1, [])

    run = configure("--tags=inventory", awx_hosts=hosts)
    assert (run.rc, run.changed) == (0, 1)
    assert [(method, json.loads(body["variables"])) for method, _path, body in awx.writes] == [
        ("PATCH", {"ansible_host": "docker3.example.com"})
    ]


def test_definitions_that_do_not_fit_together_are_refused_before_awx_is_asked(
    awx: FakeAwx, configure: Configure
) -> None:
    asked = len(awx.writes)
    lost = {
        "name": "Lost",
        "unified_job_template": "Nothing",
        "rrule": "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=DAILY",
    }

    run = configure(awx_additions={"controller_schedules": [lost]})

    assert run.rc == 2
    assert "schedule Lost: unified_job_template Nothing is not defined." in run.failures[0]
    assert "schedule Lost: rrule: INTERVAL is required" in run.failures[0]
    assert len(awx.writes) == asked


def changes(run: PlaybookRun) -> list[dict[str, Any]]:
    return [
        dict(event["event_data"])
        for event in run.events
        if event["event"] == "runner_on_ok" and event["event_data"]["res"].get("changed")
    ]
