#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: disk_usage_info
short_description: Look at the host's disks, where their room went and what could be given back
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Measures bytes and inodes of every file system that the platform keeps something on. These are Docker's root, its
    volumes, the logs, the folders of backups and the record.
  - Tells the table of C(docker system df), the size of each container's log, deleted files that are still open, the
    write-ahead log of PostgreSQL and its replication slots, and what the policies let go.
  - Growth and the time until a disk is full come from samples that earlier runs have recorded.
  - This is what M(agentfoundry.incident_response.platform_info) sees of the host, with all detail.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
seealso:
  - module: agentfoundry.incident_response.disk_prune
  - module: agentfoundry.incident_response.backup_clean
"""

EXAMPLES = r"""
- name: Where did the room go?
  agentfoundry.incident_response.disk_usage_info:
    project: agentfoundry
    disk:
      backups:
        - path: /srv/backups/postgres
          pattern: "*.dump"
  register: seen

- name: Say what is wrong
  ansible.builtin.debug:
    msg: "{{ seen.findings | map(attribute='message') | list }}"
"""

RETURN = r"""
disk:
  description: Everything that was seen. Sizes are bytes.
  returned: success
  type: dict
  contains:
    docker_root:
      description: Docker's root folder, empty when it is not on this host.
      type: str
    file_systems:
      description: Each with C(mount), C(size), C(used), C(available), C(used_percent), C(inodes), C(inodes_percent),
        what it C(holds), and C(bytes_per_hour) and C(full_in_s) when samples tell.
      type: list
      elements: dict
    short:
      description: The mounts that are short of bytes or inodes.
      type: list
      elements: str
    logs:
      description: The log of each container, with its C(size), and whether it is C(rotated).
      type: list
      elements: dict
    unmeasured:
      description: Paths that could not be measured, and why.
      type: list
      elements: dict
    detail:
      description: C(usage) (docker system df), C(litter), C(backups), C(deleted), C(wal), C(other_logs) and
        C(problems).
      type: dict
findings:
  description: Every fact judged, as of M(agentfoundry.incident_response.platform_info).
  returned: success
  type: list
  elements: dict
samples:
  description: What M(agentfoundry.incident_response.record_samples) should keep for the next run.
  returned: success
  type: dict
duration_ms:
  description: Milliseconds that the look took.
  returned: success
  type: int
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.disk_look import look_at_disks
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module


def look(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """One look at the host."""
    return look_at_disks(options, runner, check_mode=check_mode)


def main() -> None:
    run_info_module(PLATFORM_SPEC, look)


if __name__ == "__main__":
    main()
