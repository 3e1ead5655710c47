# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: compose_scale
short_description: Give a Compose service more containers, where its configuration allows that
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Brings a service to O(replicas) containers, or to O(by) more than it has, at most O(at_most). It never removes one,
    and those that are there stay as they are.
  - Refused when the service has a fixed container name or a fixed port of the host, or lives in the host's network,
    when a Compose file is missing, or when a variable has no value.
  - A later C(docker compose up) without C(--scale) goes back to what the Compose files say.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Shows the number of containers.
options:
  project:
    description:
      - Name of the Compose project.
    type: str
    required: true
  service:
    description:
      - The service.
    type: str
    required: true
  replicas:
    description:
      - How many containers it shall have. V(0) means O(by) more than it has.
    type: int
    default: 0
  by:
    description:
      - How many more, when O(replicas) is V(0).
    type: int
    default: 1
  at_most:
    description:
      - Never more containers than that.
    type: int
    default: 4
  compose_files:
    description:
      - Compose files. Left out, the set that most of the project's containers bear in their labels.
    type: list
    elements: path
    default: []
  env_files:
    description:
      - Files for interpolation. Left out, those of the labels.
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
    default: 60.0
  docker_cli:
    description:
      - Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: agentfoundry.incident_response.compose_recreate_info
"""

EXAMPLES = r"""
- name: One more worker
  agentfoundry.incident_response.compose_scale:
    project: agentfoundry
    service: worker
"""

RETURN = r"""
actions:
  description: What was done, or under check mode would be done.
  returned: success
  type: list
  elements: dict
before:
  description: How many containers there were.
  returned: success
  type: int
after:
  description: How many there are, or would be.
  returned: success
  type: int
note:
  description: What was done and how long it lasts, one sentence; empty when nothing was.
  returned: success
  type: str
refused:
  description: C(rule), C(message) and C(remedy) of the rule that refuses, or V(none).
  returned: success
  type: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.scale import scale_service, scaler_for
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.seconds import check_seconds

SPEC: dict[str, Any] = {
    "project": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "replicas": {"type": "int", "default": 0},
    "by": {"type": "int", "default": 1},
    "at_most": {"type": "int", "default": 4},
    "compose_files": {"type": "list", "elements": "path", "default": []},
    "env_files": {"type": "list", "elements": "path", "default": []},
    "profiles": {"type": "list", "elements": "str", "default": []},
    "deadline": {"type": "float", "default": 60.0},
    "docker_cli": {"type": "str", "default": "docker"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    options, runner = module.params, SubprocessRunner()
    try:
        check_seconds(options, ["deadline"])
        case = scaler_for(DockerCli(runner, options["docker_cli"]), options)
        wanted = min(options["replicas"] or case.present + options["by"], options["at_most"])
        outcome = scale_service(
            case.scaler,
            case.files,
            options["service"],
            before=case.present,
            wanted=wanted,
            check_mode=module.check_mode,
        )
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    finally:
        runner.kill_all()
    module.exit_json(**outcome.to_result(diff=module._diff))


if __name__ == "__main__":
    main()
