# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An observation of three services, as far as a health check reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def finding(identity: str, service: str, status: str, message: str = "It is so.", **more: Any) -> dict[str, Any]:
    """Return a finding as plain data."""
    return {
        "id": identity, "service": service, "status": status, "message": message, "value": None, "limit": None,
        "unit": "", "evidence": [], "step": "", "targets": [], **more,
    }  # fmt: skip


def service(**more: Any) -> dict[str, Any]:
    """Return a service with one running container that answers with 200."""
    return {
        "declared": "",
        "containers": [{"state": "running", "health": "healthy", "restart_count": 0}],
        "health": {"http_status": 200, "latency_ms": 12.0, "via": "published port"},
        **more,
    }


def observation(services: Mapping[str, Any], *findings: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a result of platform_info; the findings the worst first, as it gives them."""
    return {
        "platform": {"project": "shop"},
        "services": dict(services),
        "findings": list(findings),
        "root_causes": [],
        "symptoms": {},
        "duration_ms": 1234,
        **more,
    }
