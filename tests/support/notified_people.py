# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a record, its people and its channels, on which the playbooks for people are run for real."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import vendors
from http_receiver import LoopbackServer, Receivers
from smtp_receiver import SmtpReceiver
from vendor_proxy import VendorProxy

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.lifecycle import (
    Change,
    Opening,
    alter,
    open_or_join,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer
from checkout import ROOT

CONTACTS = {
    "on_call_engineer": {"name": "Jane", "email": "jane@example.com", "phone": "+15550100", "slack": "U0JANE"},
    "ml_engineer": {"name": "Max", "email": "max@example.com", "phone": "+15550101"},
    "platform_lead": {"name": "Lea", "email": "lea@example.com", "phone": "+15550102"},
    "security_lead": {"name": "Sam", "email": "sam@example.com", "phone": "+15550103"},
    "cto": {"name": "Cleo", "email": "cleo@example.com", "phone": "+15550104"},
    "legal": {"name": "Lou", "email": "lou@example.com", "phone": "+15550105"},
}


@dataclass(frozen=True)
class World:
    """Everybody who can be told, on loopback."""

    receivers: Receivers
    smtp: SmtpReceiver
    urls: Mapping[str, str]
    environment: Mapping[str, str]

    def channels(self, *names: str) -> dict[str, Any]:
        """Channels of the inventory, by the name of their type; all of them when none is named."""
        known: dict[str, dict[str, Any]] = {
            "slack": {"token": vendors.SLACK_TOKEN},
            "mail": {
                "host": "127.0.0.1",
                "port": self.smtp.port,
                "secure": "never",
                "from": "Incidents <incidents@example.com>",
            },
            "twilio": {
                "account_sid": vendors.TWILIO_SID,
                "auth_token": vendors.TWILIO_TOKEN,
                "from_number": "+15550199",
            },
            "pagerduty": {"integration_key": vendors.PAGERDUTY_KEY},
            "jira": {
                "uri": self.urls[vendors.JIRA],
                "username": "robot",
                "password": vendors.JIRA_PASSWORD,
                "project": "OPS",
                "issuetype": "Incident",
            },
            "github": {
                "api_url": self.urls[vendors.GITHUB],
                "repository": "acme/ops",
                "token": vendors.GITHUB_TOKEN,
                "labels": ["incident"],
            },
            "servicenow": {
                "url": self.urls[vendors.SERVICENOW],
                "username": "robot",
                "password": vendors.SERVICENOW_PASSWORD,
            },
            "webhook": {"url": f"{self.urls[vendors.WEBHOOK]}/hook"},
        }
        return {name: {"type": name, **known[name]} for name in names or known}

    def counts(self) -> dict[str, int]:
        """How many messages each receiver took; those without one are left out."""
        found = {host: len(self.receivers.taken(host)) for host in self.receivers.vendors}
        found["mail"] = len(self.smtp.mails)
        return {name: count for name, count in found.items() if count}

    @property
    def complaints(self) -> list[str]:
        return [*self.receivers.complaints, *self.smtp.complaints]


@dataclass
class Ran:
    """A playbook that was run."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        """Tasks that changed something."""
        return sum(int(number) for number in re.findall(r"changed=(\d+)", self.output))


@dataclass
class Desk:
    """The place where people run playbooks on one host with a record."""

    state_dir: Path
    folder: Path
    world: World
    variables: dict[str, Any] = field(default_factory=dict)

    def run(self, playbook: str, *options: str, **variables: Any) -> Ran:
        """Run a playbook of the checkout to its end."""
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        given = json.dumps(variables)
        ran = subprocess.run(
            [program, "-i", str(self.inventory()), str(ROOT / "playbooks" / playbook), "-e", given, *options],
            cwd=ROOT,
            env={
                **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
                **self.world.environment,
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_NOCOLOR": "true",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout + ran.stderr)

    @property
    def platform(self) -> Platform:
        """The record of the host, for what a run would do."""
        return Platform("shop", Writer(str(self.state_dir)), SystemClock(), LocalProcesses())

    def opened(self, **changes: Any) -> str:
        """Open an incident as a run that found no remedy does."""
        fields: dict[str, Any] = {
            "scenario": "model_server",
            "services": ("model-server",),
            "severity": "P1",
            "severity_rule": "every user-facing service fails: complete outage",
            "summary": "model-server <hangs> & burns {[~|]}",
        }
        opening = Opening(**{**fields, **changes})
        return str(open_or_join(self.platform, opening, Change(), "a run")["incident"]["id"])

    def resolved(self, number: str) -> None:
        alter(self.platform, number, Change(state=State.RESOLVED), "a run")

    def time_passes(self, seconds: float) -> None:
        """Let everything in the record be older."""

        def age(connection: sqlite3.Connection) -> None:
            connection.execute(
                """UPDATE incident SET opened_at = opened_at - ?, response_deadline = response_deadline - ?,
                    attended_at = attended_at - ?, acknowledged_at = acknowledged_at - ?""",
                (seconds,) * 4,
            )
            connection.execute("UPDATE message SET boot = boot - ?, wall = wall - ?", (seconds,) * 2)
            connection.execute("UPDATE escalation SET boot = boot - ?, wall = wall - ?", (seconds,) * 2)

        self.platform.record.run(age)

    def incident(self, number: str) -> dict[str, Any]:
        return find_incidents(str(self.state_dir), Query(number=number, full=True))[0]

    def inventory(self) -> Path:
        """An inventory with this host only, which is called docker-1 and runs the platform shop."""
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "platform_project": "shop",
            "platform_state_dir": str(self.state_dir),
            "remediation_controller_state_dir": str(self.folder / "controller"),
            "incident_contacts": CONTACTS,
            "incident_channels": self.world.channels(),
            **self.variables,
        }
        path = self.folder / "hosts.json"
        path.write_text(json.dumps({"platforms": {"hosts": {"docker-1": host}}}))
        return path


@contextlib.contextmanager
def loopback_world(folder: Path) -> Iterator[World]:
    """Everybody up.

    :param folder: for the certificates of the vendors.
    """
    receivers = Receivers(vendors.VENDORS)
    local = (vendors.JIRA, vendors.GITHUB, vendors.SERVICENOW, vendors.WEBHOOK)
    with contextlib.ExitStack() as stack:
        urls = {name: stack.enter_context(LoopbackServer(receivers, name)).url for name in local}
        smtp = stack.enter_context(SmtpReceiver())
        proxy = stack.enter_context(VendorProxy(receivers, folder))
        yield World(receivers, smtp, urls, proxy.environment)
