# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts as tests need them: one healthy service, of which a test says what is different."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HttpHealth,
    ServiceFacts,
)

NOW = 1_772_200_000.0
"""2026-02-27T13:46:40Z"""
LONG_AGO = "2026-02-27T10:00:00.123456789Z"
JUST_NOW = "2026-02-27T13:46:38.000000000Z"


def container(service: str = "web", **fields: Any) -> Container:
    """A running container."""
    healthy = Container(
        id=f"{service}-id",
        name=f"shop-{service}-1",
        service=service,
        image=f"example/{service}:1",
        state="running",
        started_at=LONG_AGO,
        pid=100,
    )
    return replace(healthy, **fields)


def answered(**fields: Any) -> HttpHealth:
    """A good answer on a published port."""
    good = HttpHealth(
        via="published port",
        container="shop-web-1",
        url="http://127.0.0.1:8080/health",
        status=200,
        latency_ms=12.0,
        body={"status": "ok"},
    )
    return replace(good, **fields)


def service(*containers: Container, **fields: Any) -> ServiceFacts:
    """A service that runs and answers."""
    healthy = ServiceFacts("web", "http", containers or (container(),), health=answered(), drift=False)
    return replace(healthy, **fields)
