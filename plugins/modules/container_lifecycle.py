#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_lifecycle
short_description: Restart, start or unpause the containers of Compose services
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Brings the containers of some services of a Compose project into a state, the very containers that were observed.
  - The containers are found by their labels and addressed by their ids, so that no Compose file is needed and no other
    service can be touched. A container is never removed.
  - A restart loads no changed image, environment or command. That takes a recreate, see
    M(agentfoundry.incident_response.compose_recreate_info).
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Tells the same RV(actions) as the run.
  diff_mode:
    support: full
    details: Shows state and time of the last start of each container, before and after.
options:
  project:
    description:
      - Name of the Compose project.
    type: str
    required: true
  services:
    description:
      - Services whose containers are handled, in this order and one container after the other.
      - An empty list means none.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(restarted) restarts what runs and starts what is stopped. A paused container is unpaused first, since a paused
        process cannot handle the stop signal.
      - V(started) starts what is stopped and unpauses what is paused.
      - V(unpaused) unpauses what is paused.
    type: str
    choices: [restarted, started, unpaused]
    required: true
  stop_timeout:
    description:
      - Seconds between the stop signal and SIGKILL of a restart.
      - Left out, the time that the container asks for (C(stop_grace_period)).
    type: int
  unless_started_since:
    description:
      - The containers of each service as M(agentfoundry.incident_response.platform_info) returns them, by service, each
        with C(id), C(started_at) and, where it is known, C(restart_count). Other keys are ignored.
      - A container that was made or started since then, by somebody and not by the engine itself, is left alone. So a
        run that is repeated never doubles a restart.
      - When it is given, each of O(services) must be named.
    type: dict
  docker_cli:
    description:
      - Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: community.docker.docker_compose_v2
"""

EXAMPLES = r"""
- name: Observe
  agentfoundry.incident_response.platform_info:
    project: agentfoundry
  register: platform

- name: Restart the model server, unless somebody has done so meanwhile
  agentfoundry.incident_response.container_lifecycle:
    project: agentfoundry
    services: [model-server]
    state: restarted
    unless_started_since:
      model-server: "{{ platform.services['model-server'].containers }}"
"""

RETURN = r"""
actions:
  description: What was done, or under check mode would be done, in its order.
  returned: always, except when the input was refused
  type: list
  elements: dict
  contains:
    what:
      description: Always V(container).
      type: str
    id:
      description: Name of the container.
      type: str
    status:
      description: V(restarted), V(started) or V(unpaused).
      type: str
    service:
      description: Its service.
      type: str
  sample: [{"what": "container", "id": "agentfoundry-model-server-1", "status": "restarted", "service": "model-server"}]
containers:
  description: Each container that was looked at.
  returned: always, except when the input was refused
  type: list
  elements: dict
  contains:
    id:
      description: The full id.
      type: str
    name:
      description: The name.
      type: str
    service:
      description: The service.
      type: str
    before:
      description: C(state) and C(started_at), read right before the act.
      type: dict
    after:
      description: The same, read right after it.
      type: dict
    reason:
      description: Why nothing was done, or what is to be said about it; else empty.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle import run_lifecycle
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_request import read_request
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.lifecycle_result import (
    lifecycle_result,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "project": {"type": "str", "required": True},
            "services": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["restarted", "started", "unpaused"], "required": True},
            "stop_timeout": {"type": "int"},
            "unless_started_since": {"type": "dict"},
            "docker_cli": {"type": "str", "default": "docker"},
        },
        supports_check_mode=True,
    )
    engine = DockerCli(SubprocessRunner(), module.params["docker_cli"])
    try:
        outcome = run_lifecycle(engine, read_request(module.params), check_mode=module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    result = lifecycle_result(outcome, diff=module._diff)
    if outcome.error:
        module.fail_json(msg=str(outcome.error), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
