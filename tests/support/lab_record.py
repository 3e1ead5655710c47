# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the record of a run says, as the integration tests read it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

Incident = Mapping[str, Any]


class LabRecord:
    """The incidents in a state directory; reading them leaves no trace."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir

    def incidents(self) -> list[dict[str, Any]]:
        """Return all incidents in full, the newest first."""
        # Not at the top: conftest.py imports this file before pytest-ansible tells Ansible where the collection is.
        from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import (
            Query,
            find_incidents,
        )

        return find_incidents(str(self.state_dir), Query(full=True))

    @property
    def only(self) -> dict[str, Any]:
        """The one incident that there is."""
        found = self.incidents()
        assert len(found) == 1, [incident["id"] for incident in found]
        return found[0]

    @property
    def was_written(self) -> bool:
        """Whether anything at all was written."""
        return self.state_dir.exists()


def kinds(incident: Incident) -> list[str]:
    """Return the kinds of the timeline's entries, in their order."""
    return [str(entry["kind"]) for entry in incident["timeline"]]


def attempts(incident: Incident) -> list[tuple[str, str | None]]:
    """Return each attempt as (action, outcome)."""
    return [(str(attempt["action"]), attempt["outcome"]) for attempt in incident["attempts"]]
