# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook of Alertmanager with a playbook that only writes down that it ran: how many runs come of which posts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from monitoring import needs_java
from rulebook import Program, free_port, post, running, until

pytestmark = needs_java

TOKEN = "t0ken-of-the-test"


@dataclass(frozen=True)
class Receiver:
    """The running rulebook, and the runs that it started."""

    port: int
    runs: Path
    rulebook: Program

    def post(self, *alerts: Any, token: str = TOKEN) -> int:
        """Post alerts as Alertmanager does, and return the status of the answer."""
        body = json.dumps({"version": "4", "alerts": list(alerts)})
        return post(self.port, body, {"Authorization": f"Bearer {token}"} if token else {})

    def ran(self) -> list[str]:
        """What each run wrote down: scenario, host and what started it."""
        return self.runs.read_text(encoding="utf-8").splitlines() if self.runs.exists() else []


def alert(name: str, status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": name, "instance": "localhost:9100", **labels},
        "annotations": {"summary": "{{ lookup('pipe', 'touch /tmp/pwned') }}"},
        "startsAt": "2026-02-27T10:15:00.5Z",
        "endsAt": "2026-02-27T10:20:00Z",
        "fingerprint": "a1b2c3d4e5f60718",
    }


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """One rulebook for all tests of this file: each test has alerts of its own."""
    folder = tmp_path_factory.mktemp("rulebook")
    runs = folder / "runs"
    stubs = {name: folder / name / "stub.yml" for name in ("first", "second", "unknown")}
    for name, path in stubs.items():
        path.parent.mkdir()
        task = {
            "name": "Write down that it ran",
            "ansible.builtin.shell": f"echo {name} '{{{{ inventory_hostname }}}} {{{{ remediation_source }}}} "
            f"{{{{ remediation_source_detail }}}}' >> {runs}",
        }
        path.write_text(yaml.safe_dump([{"name": "Stub", "hosts": "all", "gather_facts": False, "tasks": [task]}]))
    own = folder / "alerts.yml"
    own.write_text(
        yaml.safe_dump(
            {
                "scenarios": {name: str(stubs[name]) for name in ("first", "second")},
                "alerts": {"Storm": "first", "After": "second"},
                "unknown": str(stubs["unknown"]),
            }
        )
    )
    environment = {
        "INCIDENT_RESPONSE_ALERT_TOKEN": TOKEN,
        "INCIDENT_RESPONSE_ALERTS": str(own),
        "INCIDENT_RESPONSE_STATE_DIR": str(folder / "state"),
    }
    port = free_port()
    options = ("--env-vars", "INCIDENT_RESPONSE_ALERT_TOKEN")
    with running("alertmanager", folder, {"alert_listen_port": port}, environment, *options) as rulebook:
        rulebook.listens(port)
        yield Receiver(port, runs, rulebook)
        assert TOKEN not in rulebook.output


def test_a_storm_of_a_hundred_equal_alerts_makes_one_run(receiver: Receiver) -> None:
    storm = [alert("Storm", service=f"service-{number % 10}") for number in range(50)]
    before = len(receiver.ran())

    assert receiver.post(*storm) == 200
    assert [receiver.post(one) for one in storm] == [200] * 50
    # What is posted after the storm is answered after it: whatever else the storm started would have begun before.
    assert receiver.post(alert("After")) == 200

    until(lambda: any(line.startswith("second") for line in receiver.ran()), "the run after the storm")
    assert receiver.ran()[before:] == [
        "first agentfoundry alert Storm (service-0)",
        "second agentfoundry alert After",
    ]


def test_an_alert_that_is_not_known_goes_to_triage(receiver: Receiver) -> None:
    before = receiver.ran()

    assert receiver.post(alert("NeverHeardOf")) == 200

    until(lambda: receiver.ran() != before, "a triage")
    assert receiver.ran()[len(before) :] == ["unknown agentfoundry alert NeverHeardOf"]


def test_a_resolved_alert_starts_no_remediation_and_is_noted(receiver: Receiver) -> None:
    before = receiver.ran()

    receiver.post(alert("Storm", "resolved"))

    receiver.rulebook.says("There was no incident of first on agentfoundry")
    assert receiver.ran() == before


@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN}x"])
def test_a_post_without_the_token_is_refused_and_starts_nothing(receiver: Receiver, token: str) -> None:
    before = receiver.ran()

    assert receiver.post(alert("Storm", service="intruder"), token=token) == 401
    assert receiver.ran() == before


def test_a_host_that_is_no_platform_is_refused_and_told(receiver: Receiver) -> None:
    before = receiver.ran()

    assert receiver.post(alert("Storm", host="all")) == 200

    receiver.rulebook.says("refused: Storm: the label host is 'all', and no platform of this name is among platforms")
    assert receiver.ran() == before


@pytest.mark.parametrize("body", ["no json", "[]", '{"alerts": 7}', '{"alerts": [7]}', "{}"])
def test_a_post_that_is_no_alert_does_no_harm(receiver: Receiver, body: str) -> None:
    post(receiver.port, body, {"Authorization": f"Bearer {TOKEN}"})

    assert receiver.post(alert("Storm", host="nobody")) == 200
