#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: compose_recreate_info
short_description: Say whether Compose services may be recreated, and what that would change
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Looks at the desired configuration of a Compose project and at its containers before services are recreated from it.
  - A recreate is refused when a file is missing or unreadable, when a variable is unset (Compose only warns and puts a
    blank in its place, which can erase a secret), when a variable would lose its value, when an image is not on the
    host, or when anything outside of O(services) would change.
  - Values of the configuration are compared and never returned.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
options:
  project:
    description:
      - Name of the Compose project.
    type: str
    required: true
  services:
    description:
      - Services that are to be recreated.
    type: list
    elements: str
    required: true
  recreate:
    description:
      - V(auto) recreates what differs from the desired configuration.
      - V(always) recreates O(services) even when nothing differs.
    type: str
    choices: [auto, always]
    default: auto
  pull:
    description:
      - With V(never), an image that is not on the host is a reason to refuse.
      - With V(policy), Compose may pull it.
    type: str
    choices: [never, policy]
    default: never
  project_src:
    description:
      - Project directory. Left out, what the containers' labels say, or the directory of the first of O(compose_files).
    type: path
    default: ""
  compose_files:
    description:
      - Compose files, the later ones override the earlier ones.
      - Left out, the set that most of the project's containers bear in their labels.
    type: list
    elements: path
    default: []
  env_files:
    description:
      - Files for interpolation. Left out, those of the labels, or C(.env) in the project directory.
    type: list
    elements: path
    default: []
  profiles:
    description:
      - Active profiles.
    type: list
    elements: str
    default: []
  deadline:
    description:
      - Seconds for each call of Compose.
    type: float
    default: 15.0
  docker_cli:
    description:
      - Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: community.docker.docker_compose_v2
"""

EXAMPLES = r"""
- name: May the model server be recreated?
  agentfoundry.incident_response.compose_recreate_info:
    project: agentfoundry
    services: [model-server]
  register: check

- name: Recreate it
  community.docker.docker_compose_v2:
    project_src: "{{ check.project_src }}"
    project_name: agentfoundry
    files: "{{ check.files }}"
    env_files: "{{ check.env_files }}"
    services: [model-server]
    dependencies: "{{ check.dependencies }}"
    pull: never
    build: never
  when: check.refused is none
"""

RETURN = r"""
project_src:
  description: The project directory.
  type: str
  returned: success
files:
  description: The Compose files, as absolute paths.
  type: list
  elements: str
  returned: success
files_from:
  description: Where they are from, V(inventory), V(labels) or V(none).
  type: str
  returned: success
env_files:
  description: The files for interpolation, as absolute paths.
  type: list
  elements: str
  returned: success
profiles:
  description: The active profiles.
  type: list
  elements: str
  returned: success
compose_version:
  description: Version of Docker Compose on the target.
  type: str
  returned: success
dependencies:
  description:
    - Whether Compose may look after the dependencies as well, because that would change nothing outside of O(services).
    - It is the better way. With V(false), some versions of Compose write an empty C(depends_on) label on the container.
  type: bool
  returned: success
drifted:
  description: Services of the whole project whose containers differ from the desired configuration.
  type: list
  elements: str
  returned: success
not_comparable:
  description: Service to the reason why that cannot be told.
  type: dict
  returned: success
differing:
  description: Service of O(services) to the names of what differs, as far as it can be told.
  type: dict
  returned: success
  sample: {"model-server": ["environment MODEL_LOAD_SECONDS", "image build"]}
would_change:
  description: What Compose announces, with C(what), C(id), C(service) and C(status).
  type: list
  elements: dict
  returned: success
duration_ms:
  description: How long it took, in milliseconds.
  type: int
  returned: success
refused:
  description: C(rule), C(message) and C(remedy) of the rule that refuses, or V(null).
  type: dict
  returned: success
  sample:
    rule: variable_unset
    message: "Without a value are: JWT_SECRET. Compose would put a blank in its place, which can erase a secret."
    remedy: Name the file that sets it in env_files, or set it in the environment of this task.
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_case import (
    InventoryFiles,
    recreate_case,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_check import Wish
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.seconds import check_seconds

SPEC: dict[str, Any] = {
    "project": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "required": True},
    "recreate": {"type": "str", "choices": ["auto", "always"], "default": "auto"},
    "pull": {"type": "str", "choices": ["never", "policy"], "default": "never"},
    "project_src": {"type": "path", "default": ""},
    "compose_files": {"type": "list", "elements": "path", "default": []},
    "env_files": {"type": "list", "elements": "path", "default": []},
    "profiles": {"type": "list", "elements": "str", "default": []},
    "deadline": {"type": "float", "default": 15.0},
    "docker_cli": {"type": "str", "default": "docker"},
}


def look(options: Mapping[str, Any], runner: SubprocessRunner, _check_mode: bool) -> dict[str, Any]:
    """The answer to the question, as plain data."""
    wish = Wish(tuple(options["services"]), options["recreate"] == "always", options["pull"] != "never")
    inventory = InventoryFiles(
        options["project_src"],
        tuple(options["compose_files"]),
        tuple(options["env_files"]),
        tuple(options["profiles"]),
    )
    docker = DockerCli(runner, options["docker_cli"])
    check_seconds(options, ["deadline"])
    return recreate_case(docker, options["project"], wish, inventory, deadline=options["deadline"]).to_data()


def main() -> None:
    run_info_module(SPEC, look)


if __name__ == "__main__":
    main()
