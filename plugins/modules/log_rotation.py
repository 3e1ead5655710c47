#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: log_rotation
short_description: Have Docker rotate the logs of containers, by daemon.json
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Merges C(max-size) and C(max-file) into C(log-opts) of C(daemon.json). What is there already stays.
  - A file that is not valid JSON is refused and never overwritten. So is one whose settings dockerd was also given as
    flags, since it would not start again.
  - The new file is checked by C(dockerd --validate) where the engine has it, a copy of the old one is kept beside it,
    and it is put in place in one step.
  - Nothing is in force by that. Log options hold for containers that are made after dockerd was restarted, and this
    module never restarts it. RV(note) says so, and RV(recreate) which containers have to be made anew.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Tells what would be written.
  diff_mode:
    support: full
    details: Shows the file before and after.
options:
  path:
    description: The file that dockerd reads.
    type: path
    default: /etc/docker/daemon.json
  max_size:
    description: Size of one log file.
    type: str
    default: 10m
  max_file:
    description: How many files of a log are kept.
    type: int
    default: 3
  docker_cli:
    description: Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: agentfoundry.incident_response.container_log
"""

EXAMPLES = r"""
- name: Rotate logs
  agentfoundry.incident_response.log_rotation:
    max_size: 10m
    max_file: 3
  register: rotation

- name: Say what is left to do by hand
  ansible.builtin.debug:
    var: rotation.note
"""

RETURN = r"""
actions:
  description: What was written, or under check mode would be.
  returned: success
  type: list
  elements: dict
path:
  description: The file.
  returned: success
  type: str
backup:
  description: The copy of what was there, or empty.
  returned: success
  type: str
validated:
  description: V(dockerd) when its own check passed, V(json) where it has none, empty when nothing had to be written.
  returned: success
  type: str
restart_needed:
  description: Whether dockerd has to be restarted for the new settings.
  returned: success
  type: bool
recreate:
  description: Containers whose logs grow without bounds until they are made anew.
  returned: success
  type: list
  elements: str
note:
  description: What is left to do by hand.
  returned: success
  type: str
"""

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.log_rotation import (
    configure_rotation,
    rotation_result,
    unbounded_containers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.daemon_json import PATH, Rotation
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.disk_arguments import (
    run_disk_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_logs import every_container

SPEC = {
    "path": {"type": "path", "default": PATH},
    "max_size": {"type": "str", "default": "10m"},
    "max_file": {"type": "int", "default": 3},
    "docker_cli": {"type": "str", "default": "docker"},
}


def act(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> Mapping[str, Any]:
    """Merge, and say what is left to do."""
    if not re.fullmatch(r"[1-9][0-9]*[kmg]", options["max_size"]):
        raise InvalidInputError("max_size", options["max_size"], remedy="Give a size such as 10m.")
    if options["max_file"] < 1:
        raise InvalidInputError("max_file", options["max_file"], remedy="Give 1 or more.")
    docker = DockerCli(runner, options["docker_cli"])
    inspected = every_container(docker)
    wish = Rotation(options["max_size"], options["max_file"])
    rotated = configure_rotation(runner, options["path"], wish, check_mode=check_mode)
    return rotation_result(rotated, unbounded_containers(inspected))


def main() -> None:
    run_disk_module(SPEC, act)


if __name__ == "__main__":
    main()
