# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller reads out of the data of an observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.verification import Identity

Services = Mapping[str, Mapping[str, Any]]
"""``services`` of a ``platform_info`` result."""


def graph_of(services: Services) -> DependencyGraph:
    """Who needs whom."""
    return DependencyGraph.of({name: seen["depends_on"] for name, seen in services.items()})


def declared_down(services: Services) -> list[str]:
    """Services that do not run and are declared to be left alone."""
    return [name for name, seen in services.items() if seen["declared"] and not _runs(seen)]


def identities(services: Services) -> Identity:
    """Service -> (id, StartedAt) of its containers."""
    return {
        name: tuple(sorted((container["id"], container["started_at"]) for container in seen["containers"]))
        for name, seen in services.items()
    }


def _runs(seen: Mapping[str, Any]) -> bool:
    return any(container["state"] == "running" for container in seen["containers"])
