#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_clean
short_description: Remove old backups by a policy, measured, stopping at a target
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Removes files and folders that lie directly in a folder of backups, the oldest first.
  - The newest O(keep) that are not empty stay whatever their age, and the very newest stays always.
  - What is younger than O(older_than_days), or was written to within the last hour, stays as well.
  - Links are never followed and never removed. Folders of the system are refused.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Tells what would be removed.
  diff_mode:
    support: full
    details: Lists what is removed.
options:
  path:
    description: The folder, by its whole path and without links in it.
    type: path
    required: true
  pattern:
    description: Shell pattern of the names that are backups. Nothing else is touched.
    type: str
    default: "*"
  keep:
    description: So many of the newest stay. At least 1.
    type: int
    default: 7
  older_than_days:
    description: Younger ones stay.
    type: float
    default: 7
  target_percent:
    description:
      - Stop when no more than that of the bytes and inodes of the folder's file system are in use.
      - With V(0) everything that the policy lets go is removed.
    type: float
    default: 0
seealso:
  - module: agentfoundry.incident_response.disk_usage_info
"""

EXAMPLES = r"""
- name: Keep a week of dumps, and more while there is room
  agentfoundry.incident_response.backup_clean:
    path: /srv/backups/postgres
    pattern: "*.dump"
    keep: 7
    older_than_days: 7
    target_percent: 80
"""

RETURN = r"""
actions:
  description: What was removed, or under check mode would be, with C(what), C(id), C(name) and the C(bytes) expected.
  returned: success
  type: list
  elements: dict
note:
  description: What was done and what it gained, in words.
  returned: success
  type: str
freed_bytes:
  description:
    - The room that was gained, as measured. What others wrote or removed meanwhile is in it.
    - Under check mode what is expected.
  returned: success
  type: int
expected_bytes:
  description: What the removed things took.
  returned: success
  type: int
measured:
  description: Where the room was measured.
  returned: success
  type: str
used_percent_before:
  description: Use of bytes or of inodes, whichever is scarcer.
  returned: success
  type: float
used_percent_after:
  description: The same after, under check mode as far as it can be told beforehand.
  returned: success
  type: float
left:
  description: How many things may go and stayed, since it was enough.
  returned: success
  type: int
problems:
  description: What could not be removed and why.
  returned: success
  type: list
  elements: str
"""

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_backups import clean_backups
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import Goal, measure_room
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import (
    read_disk_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.disk_arguments import (
    percent,
    run_disk_module,
)

_POLICY = ("path", "pattern", "keep", "older_than_days")
SPEC = {
    "path": {"type": "path", "required": True},
    "pattern": {"type": "str", "default": "*"},
    "keep": {"type": "int", "default": 7},
    "older_than_days": {"type": "float", "default": 7},
    "target_percent": {"type": "float", "default": 0},
}


def act(options: Mapping[str, Any], _runner: CommandRunner, check_mode: bool) -> Mapping[str, Any]:
    """Remove what the policy lets go."""
    settings = read_disk_settings({"backups": [{name: options[name] for name in _POLICY}]}, "the policy")
    goal = Goal(percent("target_percent", options["target_percent"]))
    return clean_backups(settings.backups[0], time.time(), measure_room, goal, check_mode=check_mode).to_result()


def main() -> None:
    run_disk_module(SPEC, act)


if __name__ == "__main__":
    main()
