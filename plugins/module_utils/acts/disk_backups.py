# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-4: removes backups that a policy lets go, the oldest first, measured after each, stopping at the target."""

from __future__ import annotations

import os
import shutil

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import (
    Cleaning,
    Goal,
    Measure,
    Removal,
    remove_in_turn,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_backups import (
    BackupEntry,
    choose_backups,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import BackupPolicy
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_backups import (
    check_folder,
    read_entries,
    read_entry,
)


def clean_backups(policy: BackupPolicy, now: float, measure: Measure, goal: Goal, *, check_mode: bool) -> Cleaning:
    """Look again, then remove.

    :param goal: its target is about the folder's file system.
    :raises InvalidInputError: the folder is none of backups.
    :raises IncidentResponseError: it cannot be read.
    """
    check_folder(policy.path)
    try:
        entries = read_entries(policy.path)
    except OSError as error:
        raise IncidentResponseError(
            f"The backups in {policy.path} cannot be read: {error.strerror}.", remedy="Name the folder that holds them."
        ) from error
    going = {entry.name: entry for entry in choose_backups(entries, policy, now).removable}
    candidates = [
        Removal("backup", os.path.join(policy.path, entry.name), entry.size, entry.name, entry.files)
        for entry in going.values()
    ]

    def remove(item: Removal) -> str | None:
        try:
            _remove(policy.path, going[item.name])
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"{item.name} stays: {error.strerror}."
        return None

    return remove_in_turn(policy.path, candidates, goal, measure, None if check_mode else remove)


def _remove(folder: str, entry: BackupEntry) -> None:
    """Remove exactly what was judged: one that was written to since, or is a link now, stays."""
    path = os.path.join(folder, entry.name)
    now = read_entry(path)
    if now is None:
        raise OSError(0, "it is something else meanwhile")
    if now.modified != entry.modified:
        raise OSError(0, "it was written to meanwhile")
    if os.path.isdir(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)
