# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module rollback_override, and what it reads from the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import STATE_DIR
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary

ROLLBACK_SPEC: dict[str, Any] = {
    **STATE_DIR,
    "project": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "required": True},
    "docker_cli": {"type": "str", "default": "docker"},
}


def recorded_samples(state_dir: str, project: str) -> Mapping[str, Mapping[str, Any]]:
    """Service -> what was recorded of it. :raises StateUnavailableError: the record cannot be read."""
    record = read_summary(state_dir, project)
    if not record["available"]:
        raise StateUnavailableError(record["reason"], remedy=record["remedy"])
    samples: Mapping[str, Mapping[str, Any]] = record["samples"]
    return samples
