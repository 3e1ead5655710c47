# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as tests need them: the id, the service and the judgement; the rest follows from these."""

from __future__ import annotations

from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status


def critical(finding_id: str, service: str = "model-server", **fields: Any) -> Finding:
    """Return a critical finding."""
    return _finding(finding_id, service, Status.CRITICAL, fields)


def warning(finding_id: str, service: str = "model-server", **fields: Any) -> Finding:
    """Return a warning."""
    return _finding(finding_id, service, Status.WARNING, fields)


def unknown(finding_id: str, service: str = "model-server", **fields: Any) -> Finding:
    """Return a finding about something that could not be observed."""
    return _finding(finding_id, service, Status.UNKNOWN, fields)


def fine(finding_id: str, service: str = "model-server", **fields: Any) -> Finding:
    """Return a finding that is ok."""
    return _finding(finding_id, service, Status.OK, fields)


def _finding(finding_id: str, service: str, status: Status, fields: dict[str, Any]) -> Finding:
    message = fields.pop("message", f"{service or 'the host'}: {finding_id} is {status.value}.")
    return Finding(finding_id, service, status, message, **fields)
