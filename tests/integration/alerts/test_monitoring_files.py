# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules, route, dashboard and metrics, by the tools of Prometheus and Alertmanager. No lab is needed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compliance import Estate, controls, seen
from health import finding, observation, service
from monitoring import needs_monitoring, tool

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils import health_metrics
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance import metrics
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.judge import judge_controls
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.report import compliance_report
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.health_report import health_report
from checkout import ROOT, load_yaml

pytestmark = needs_monitoring

FOLDER = ROOT / "extensions" / "prometheus"
HEALTH = health_metrics.prometheus_text(
    health_report(
        observation(
            {"web": service(), 'a"b\\c\nd': service()},
            finding("http.health", "web", "critical"),
            finding("engine.answers", "", "ok"),
            symptoms={"web": ["db"]},
        ),
        "docker1",
    ),
    at=1772200000.0,
)


def compliance() -> dict[str, Any]:
    """Return the report of a platform of which controls pass, fail and are waived."""
    waiver = {"control": "image.pinned", "owner": "ada", "reason": "no mirror", "expires": "2026-03-01"}
    estate = Estate(web={"privileged": True, "image": "web:latest"}, log={"limit": ""})
    before = seen(estate, waivers=[waiver])
    results = judge_controls(controls(), before)
    return compliance_report(results, before, host="docker1", at="2026-02-27T13:46:40Z", fail_on="high", earlier=())


COMPLIANCE = metrics.prometheus_text(compliance(), at=1772200000.0)
EXPORTED = set(re.findall(r"^# TYPE (\S+) gauge$", HEALTH + COMPLIANCE, re.MULTILINE))


@pytest.mark.parametrize("text", [HEALTH, COMPLIANCE], ids=["health_check", "compliance"])
def test_the_metrics_are_clean_for_promtool(text: str) -> None:
    done = tool("promtool", "check", "metrics", stdin=text)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_rules_are_what_prometheus_takes_and_fire_on_what_they_should() -> None:
    checked = tool("promtool", "check", "rules", "--lint-fatal", str(FOLDER / "rules.yml"))
    tested = tool("promtool", "test", "rules", str(ROOT / "tests" / "fixtures" / "prometheus" / "rules.test.yml"))
    configured = tool("promtool", "check", "config", "prometheus.yml", folder=FOLDER)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert configured.returncode == 0, configured.stdout + configured.stderr


def test_every_rule_with_a_scenario_names_one_that_the_rulebook_knows_and_is_tested() -> None:
    rules = load_yaml(FOLDER / "rules.yml")["groups"][0]["rules"]
    scenarios = {rule["labels"]["scenario"] for rule in rules if "scenario" in rule["labels"]}

    assert scenarios == set(load_yaml(ROOT / "extensions" / "eda" / "alerts.yml")["scenarios"])
    told = (ROOT / "tests" / "fixtures" / "prometheus" / "rules.test.yml").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in rules if rule["alert"] not in told] == []


@pytest.mark.parametrize(
    "labels, receiver",
    [
        (['incident_response="true"', 'host="h"', 'scenario="model_server"'], "incident-response"),
        (['incident_response="true"'], "incident-response"),
        (['alertname="HealthCheckStale"', 'host="h"'], "people"),
    ],
)
def test_alertmanager_takes_the_route_and_sends_the_rulebook_its_alerts_only(labels: list[str], receiver: str) -> None:
    path = str(FOLDER / "alertmanager.yml")
    checked = tool("amtool", "check-config", path)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    routed = tool("amtool", "config", "routes", "test", f"--config.file={path}", *labels)

    assert (routed.returncode, routed.stdout.strip()) == (0, receiver)


def test_the_token_of_the_route_is_in_no_file_of_ours_and_repeats_come_after_the_hold() -> None:
    settings = load_yaml(FOLDER / "alertmanager.yml")
    (hook,) = settings["receivers"][1]["webhook_configs"]

    assert set(hook["http_config"]["authorization"]) == {"credentials_file"}
    assert hook["send_resolved"] is True
    (hold,) = {
        rule["throttle"]["once_within"]
        for rule in load_yaml(ROOT / "extensions" / "eda" / "rulebooks" / "alertmanager.yml")[0]["rules"]
        if "remediation_source" in rule["action"].get("run_playbook", {}).get("extra_vars", {})
    }
    assert (hold, settings["route"]["repeat_interval"]) == ("5 minutes", "10m")


def expressions(dashboard: dict[str, Any]) -> list[str]:
    """Return what each panel asks Prometheus, with the variables of the dashboard filled in."""
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [expression.replace("$host", "h").replace("$platform", "p") for expression in found]


def test_every_question_of_the_dashboard_is_understood_and_asks_for_metrics_that_we_write(tmp_path: Path) -> None:
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
    asked = expressions(dashboard)
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(asked)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")

    done = tool("promtool", "check", "rules", str(path))

    assert len(asked) == len(dashboard["panels"]) > 8
    assert done.returncode == 0, done.stdout + done.stderr
    variables = json.dumps(dashboard["templating"])
    used = set(re.findall(r"incident_response_[a-z_]+", " ".join(asked) + variables))
    assert used - EXPORTED == set()
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))


def test_every_rule_asks_for_metrics_that_we_write() -> None:
    text = " ".join(str(rule["expr"]) for rule in load_yaml(FOLDER / "rules.yml")["groups"][0]["rules"])

    assert set(re.findall(r"incident_response_[a-z_]+", text)) - EXPORTED == set()
