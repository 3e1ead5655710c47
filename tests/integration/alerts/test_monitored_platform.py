# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way for real: fault, health check, node_exporter, Prometheus, Alertmanager, rulebook, healed, noted."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import yaml
from lab_record import LabRecord, attempts, kinds
from monitoring import PROGRAMS, needs_alertmanager, needs_java, needs_monitoring
from playbook_run import Play
from rulebook import Program, free_port, program, quick_inventory, running

from checkout import ROOT, load_yaml
from labtool.lab import Lab

pytestmark = [needs_alertmanager, needs_java, needs_monitoring]

FOLDER = ROOT / "extensions" / "prometheus"
TOKEN = "t0ken-of-the-test"


def sooner(rules: Any) -> Any:
    """The rules, without their waiting time."""
    for rule in rules["groups"][0]["rules"]:
        rule.pop("for", None)
    return rules


@dataclass(frozen=True)
class Monitoring:
    """Where the programs listen, and where the metrics go."""

    exporter: int
    prometheus: int
    alertmanager: int
    rulebook: int
    metrics: Path

    def firing(self) -> set[tuple[str, str]]:
        """Alert and service of what Alertmanager knows as firing."""
        with urlopen(f"http://127.0.0.1:{self.alertmanager}/api/v2/alerts?active=true", timeout=10) as answer:
            labels = [alert["labels"] for alert in json.load(answer)]
        return {(one["alertname"], one.get("service", "")) for one in labels}


def configure(folder: Path, ports: Monitoring) -> None:
    """Write the shipped configuration, with the ports of the test and with times of seconds."""
    prometheus = load_yaml(FOLDER / "prometheus.yml")
    prometheus["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    prometheus["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{ports.alertmanager}"]}]
    prometheus["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{ports.exporter}"]}]
    alertmanager = load_yaml(FOLDER / "alertmanager.yml")
    # A repeat every two seconds: what fires on after the fix is posted again and again, and held by the rulebook.
    alertmanager["route"] |= {"group_wait": "1s", "group_interval": "2s", "repeat_interval": "2s"}
    # Only of this service: on a slow machine another one may fail its health check, and be healed in between.
    alertmanager["route"]["routes"][0]["matchers"].append('service="model-server"')
    (hook,) = alertmanager["receivers"][1]["webhook_configs"]
    hook["url"] = f"http://127.0.0.1:{ports.rulebook}/alerts"
    hook["http_config"]["authorization"]["credentials_file"] = str(folder / "token")
    (folder / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    rules = sooner(load_yaml(FOLDER / "rules.yml"))
    for name, content in {"prometheus": prometheus, "alertmanager": alertmanager, "rules": rules}.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")


@pytest.fixture
def monitoring(tmp_path: Path) -> Iterator[Monitoring]:
    """node_exporter, Prometheus and Alertmanager with the shipped rules and route."""
    ports = Monitoring(free_port(), free_port(), free_port(), free_port(), tmp_path / "metrics")
    ports.metrics.mkdir()
    configure(tmp_path, ports)
    listening = (ports.exporter, ports.alertmanager, ports.prometheus)
    commands = {
        "prometheus-node-exporter": [
            "--collector.disable-defaults",
            "--collector.textfile",
            f"--collector.textfile.directory={ports.metrics}",
        ],
        "prometheus-alertmanager": [
            f"--config.file={tmp_path / 'alertmanager.yml'}",
            f"--storage.path={tmp_path / 'alertmanager'}",
            "--cluster.listen-address=",
        ],
        "prometheus": [
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'prometheus'}",
        ],
    }
    with contextlib.ExitStack() as stack:
        for (name, options), port in zip(commands.items(), listening, strict=True):
            command = [str(PROGRAMS / name), f"--web.listen-address=127.0.0.1:{port}", *options]
            stack.enter_context(program(command, tmp_path / f"{name}.log")).listens(port)
        yield ports


@pytest.fixture
def look(play: Play, monitoring: Monitoring) -> Callable[[], None]:
    """Run the health check as a schedule does: its metrics go where node_exporter reads them."""

    def run() -> None:
        files = {"prometheus": f"{monitoring.metrics}/{{{{ inventory_hostname }}}}.prom"}
        checked = play("health_check.yml", health_check_files=files, health_check_fail_on="never")
        assert checked.rc == 0, checked.output

    return run


@pytest.fixture
def rulebook(monitoring: Monitoring, environment: dict[str, str], tmp_path: Path) -> Iterator[Program]:
    """The rulebook of Alertmanager, on the lab."""
    secret = {**environment, "INCIDENT_RESPONSE_ALERT_TOKEN": TOKEN}
    variables = {"alert_listen_port": monitoring.rulebook}
    options = ("--env-vars", "INCIDENT_RESPONSE_ALERT_TOKEN")
    with running("alertmanager", tmp_path, variables, secret, *options, inventory=quick_inventory(tmp_path)) as started:
        started.listens(monitoring.rulebook)
        yield started


def test_a_fault_fires_an_alert_that_is_healed_by_one_run_and_its_end_is_noted_in_the_incident(
    lab: Lab, look: Callable[[], None], monitoring: Monitoring, rulebook: Program, record: LabRecord
) -> None:
    fails = ("ModelServerFails", "model-server")
    look()
    lab.inject("model-hang")
    look()

    rulebook.until(lambda: fails in monitoring.firing(), "the alert fires")
    rulebook.until(lambda: [one["state"] for one in record.incidents()] == ["resolved"], "it is healed")

    incident = record.only
    assert (incident["scenario"], incident["services"]) == ("model_server", ["model-server"])
    assert attempts(incident) == [("restart", "done")]
    assert "ModelServerFails (model-server)" in str(incident["detected"])
    rulebook.says("PLAY RECAP")
    # The metrics are those of before the fix, so that it goes on firing; who only suffered from it never did.
    firing = monitoring.firing()
    assert fails in firing
    assert firing & {("ServiceFails", "model-server"), ("ServiceFails", "ai-recommendation")} == set()

    look()

    rulebook.until(lambda: kinds(record.only)[-1] == "note", "the end of the alert is noted")
    noted = record.only
    assert noted["timeline"][-1]["source"] == "Alertmanager"
    assert noted["timeline"][-1]["message"].startswith(
        "The alert ModelServerFails (model-server) is resolved; it fired"
    )
    assert (attempts(noted), noted["state"]) == ([("restart", "done")], "resolved")
    assert rulebook.output.count("PLAY [Remediate the model server]") == 1
    assert TOKEN not in rulebook.output
