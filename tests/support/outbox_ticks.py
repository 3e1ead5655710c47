# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders on a host with a record: what a tick does, one call after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from guard_runs import Host

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.escalation import Rules, read_matrix
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.routing import read_routing
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import outbox
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.lifecycle import Change, alter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.message_table import Result

CHANNELS = {"sms": {"type": "twilio"}, "mail": {"type": "mail"}, "chat": {"type": "slack"}, "desk": {"type": "jira"}}
ROUTES = {
    "P1": ["sms", "email", "slack"],
    "P2": ["email", "slack"],
    "P3": ["slack"],
    "P4": ["ticket"],
}
MATRIX = {
    "service_crash": {"first": ["on_call"], "escalation": [["lead"], ["cto", "legal"]]},
    "model_server_failure": {"first": ["on_call"], "escalation": [["ml"]]},
}
RULES = Rules(repeat={"P1": 900, "P2": 3600}, stale={"P1": 3600, "P2": 7200}, most=3)


def a_sender(channels: Any = None, **changes: Any) -> outbox.Sender:
    routes = changes.pop("routes", ROUTES)
    routing = read_routing(CHANNELS if channels is None else channels, routes, "channels", "routes")
    return replace(outbox.Sender(routing, read_matrix(MATRIX)), **changes)


@dataclass
class Ticks:
    """Senders on a host, one call after the other."""

    host: Host
    sender: outbox.Sender

    def claim(self, **changes: Any) -> dict[str, Any]:
        return outbox.claim(self.host.run("tick").platform, replace(self.sender, **changes))

    def tell(self, *, sent: bool = True, reference: str = "", error: str = "", **changes: Any) -> list[dict[str, Any]]:
        """Claim, and say how sending went."""
        claimed = self.claim(**changes)
        results = [Result(one["key"], sent, reference, error) for one in claimed["messages"]]
        outbox.complete(self.host.run("tick").platform, claimed["token"], results)
        return list(claimed["messages"])

    def tick(self, **changes: Any) -> list[dict[str, Any]]:
        return self.tell(rules=RULES, **changes)

    def incident(self, **changes: Any) -> str:
        """An incident that a run opened and left open."""
        run = self.host.run("first")
        run.begin(**{"issue_type": "model_server_failure", **changes})
        run.end("released")
        return run.incident

    def change(self, number: str, **changes: Any) -> None:
        alter(self.host.run("jane").platform, number, Change(**changes), "jane")
