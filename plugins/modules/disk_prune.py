#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: disk_prune
short_description: Remove what Docker keeps and nobody uses, measured, stopping at a target
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Removes build cache, dangling images or stopped containers of a certain age, one at a time, and stops as soon as
    the file system of Docker's root is down to the target.
  - Never removes volumes, images with a name, or anything by force.
  - Stopped containers of Compose projects stay unless O(compose_containers=true), since C(docker compose start) does
    nothing without them. Those of an open incident stay always. They are evidence.
  - What it does acts on the whole host.
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
  what:
    description:
      - What to remove. V(system) is C(docker system prune), which removes networks that nothing uses as well. It is
        refused while it would remove a container that has to stay.
      - With labels in O(disk), V(system) leaves the build cache alone, since Docker cannot tell it by labels.
    type: str
    required: true
    choices: [build_cache, images, containers, system]
  disk:
    description: Ages and labels, as of the option O(agentfoundry.incident_response.platform_info#module:disk).
    type: dict
    default: {}
  target_percent:
    description:
      - Stop when no more than that of the bytes and inodes of Docker's root are in use.
      - With V(0) everything that the policy lets go is removed.
    type: float
    default: 0
  most_bytes:
    description:
      - Beside O(target_percent), go on until no more than that is left of what O(what) names, in bytes.
      - It is for litter that is too much although the disk has room. V(0) means no such limit.
    type: float
    default: 0
  compose_containers:
    description: Whether stopped containers of Compose services may be removed.
    type: bool
    default: false
  state_dir:
    description: Directory that holds the record, for the open incidents. It is only read, and need not exist.
    type: path
    default: /var/lib/incident_response
  docker_cli:
    description: Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: agentfoundry.incident_response.disk_usage_info
"""

EXAMPLES = r"""
- name: Remove dangling images that bear our label, until a fifth of the disk is free
  agentfoundry.incident_response.disk_prune:
    what: images
    target_percent: 80
    disk:
      labels: [com.example.team=platform]
      image_age_h: 24
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

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_prune import (
    WHAT,
    Prune,
    prune,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import Goal, measure_room
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import (
    read_disk_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.disk_arguments import (
    kept_services,
    percent,
    run_disk_module,
)

SPEC = {
    "what": {"type": "str", "required": True, "choices": list(WHAT)},
    "disk": {"type": "dict", "default": {}},
    "target_percent": {"type": "float", "default": 0},
    "most_bytes": {"type": "float", "default": 0},
    "compose_containers": {"type": "bool", "default": False},
    "state_dir": {"type": "path", "default": "/var/lib/incident_response"},
    "docker_cli": {"type": "str", "default": "docker"},
}


def act(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> Mapping[str, Any]:
    """Remove what may go."""
    wish = Prune(
        what=options["what"],
        settings=read_disk_settings(options["disk"]),
        kept_services=kept_services(options["state_dir"]),
        with_platforms=options["compose_containers"],
        goal=Goal(percent("target_percent", options["target_percent"]), _bytes(options["most_bytes"])),
    )
    docker = DockerCli(runner, options["docker_cli"])
    return prune(docker, wish, time.time(), measure_room, check_mode=check_mode).to_result()


def _bytes(value: float) -> float:
    """:raises InvalidInputError: it is no size."""
    if 0 <= value < float("inf"):
        return value
    raise InvalidInputError("most_bytes", value, remedy="Give 0 or a number of bytes.")


def main() -> None:
    run_disk_module(SPEC, act)


if __name__ == "__main__":
    main()
