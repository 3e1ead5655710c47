#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_log
short_description: Keep the end of a container's log, then truncate the log
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The end of the log is copied, redacted and compressed before anything is lost. When that cannot be done, the log is
    not truncated.
  - The log is truncated in place. Removing it would free nothing, since the engine has it open.
  - Only logs of the driver json-file. The log is evidence, so let a person approve this.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Tells which logs would be truncated.
  diff_mode:
    support: full
    details: Shows the sizes before and after.
options:
  project:
    description: The Compose project.
    type: str
    required: true
  services:
    description: The services whose logs are truncated. An empty list is an error, never all.
    type: list
    elements: str
    required: true
  archive_dir:
    description: Folder on the target for the copies. It is made when it is missing.
    type: path
    required: true
  spool_dir:
    description:
      - Where a copy is kept while the disk of O(archive_dir) is full. It is moved as soon as the log is truncated.
    type: path
    default: /dev/shm
  tail_bytes:
    description: How much of the end is kept, before compression. To redact a megabyte takes a second or two.
    type: int
    default: 2000000
  least_bytes:
    description: Smaller logs are left alone.
    type: int
    default: 1000000
  docker_cli:
    description: Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: agentfoundry.incident_response.log_rotation
"""

EXAMPLES = r"""
- name: Truncate the log that fills the disk
  agentfoundry.incident_response.container_log:
    project: agentfoundry
    services: [notification-service]
    archive_dir: /var/lib/incident_response/evidence
"""

RETURN = r"""
actions:
  description: The logs, with their size in C(bytes) and the path of the C(archive).
  returned: success
  type: list
  elements: dict
note:
  description: What was done and what it gained, in words.
  returned: success
  type: str
freed_bytes:
  description: The room that was gained, as measured around each truncation. Under check mode what is expected.
  returned: success
  type: int
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_logs import (
    read_truncation,
    truncate_logs,
    truncation_result,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import measure_room
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.disk_arguments import (
    run_disk_module,
)

SPEC = {
    "project": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "required": True},
    "archive_dir": {"type": "path", "required": True},
    # Files there are made anew, for their owner alone, and follow no link.
    "spool_dir": {"type": "path", "default": "/dev/shm"},  # noqa: S108
    "tail_bytes": {"type": "int", "default": 2_000_000},
    "least_bytes": {"type": "int", "default": 1_000_000},
    "docker_cli": {"type": "str", "default": "docker"},
}


def act(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> Mapping[str, Any]:
    """Keep the ends, truncate."""
    docker = DockerCli(runner, options["docker_cli"])
    done = truncate_logs(docker, read_truncation(options), measure_room, check_mode=check_mode)
    return truncation_result(done)


def main() -> None:
    run_disk_module(SPEC, act)


if __name__ == "__main__":
    main()
