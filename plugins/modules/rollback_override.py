#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rollback_override
short_description: Write the Compose file that takes services back to their last known good image
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Writes a small Compose file for each service, to be given to Compose after the platform's own files. It names the
    image with which the service was last seen healthy, as the record knows it, and a label that tells of the rollback.
  - It changes no container. That is for M(community.docker.docker_compose_v2), after
    M(agentfoundry.incident_response.compose_recreate_info) has allowed it.
  - The containers are looked at first. A service that runs its good image already is left out.
  - It fails when no good image is known of a service, or when that image is not on the host any more. No image is
    pulled, tagged or removed.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Tells the same RV(files) and RV(rollbacks) as the run.
  diff_mode:
    support: full
    details: Shows each file before and after.
options:
  project:
    description: Name of the Compose project.
    type: str
    required: true
  services:
    description: Services that are to be rolled back.
    type: list
    elements: str
    required: true
  state_dir:
    description:
      - Directory on the target that holds the record. The files are written to its folder C(rollback) and have to stay
        there as long as the containers that were made from them.
    type: path
    default: /var/lib/incident_response
  docker_cli:
    description: Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: agentfoundry.incident_response.compose_recreate_info
  - module: agentfoundry.incident_response.record_samples
"""

EXAMPLES = r"""
- name: Say to Compose which image was the last good one
  agentfoundry.incident_response.rollback_override:
    project: agentfoundry
    services: [reporting-service]
  register: rollback

- name: Roll back
  community.docker.docker_compose_v2:
    project_src: /srv/agentfoundry
    project_name: agentfoundry
    files: "{{ ['/srv/agentfoundry/compose.yaml'] + rollback.files }}"
    services: [reporting-service]
    pull: never
    build: never
  when: rollback.files | length > 0
"""

RETURN = r"""
files:
  description: The Compose files of the services that have to be rolled back, in the order of O(services).
  returned: success
  type: list
  elements: str
rollbacks:
  description: Each of O(services).
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
    from:
      description: The image that it runs now, by name.
      type: str
    to:
      description: The image with which it was last seen healthy, by name.
      type: str
    image_id:
      description: The same by its id.
      type: str
    reference:
      description: What Compose is told, the name where it still means that image, else the id.
      type: str
    needed:
      description: False when it runs that image already.
      type: bool
actions:
  description: The files that were written, or under check mode would be written.
  returned: success
  type: list
  elements: dict
  sample:
    - what: file
      id: /var/lib/incident_response/rollback/agentfoundry/reporting-service.yaml
      status: written
      service: reporting-service
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rollback import plan_rollbacks
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rollback_file import write_overrides
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.rollback_arguments import (
    ROLLBACK_SPEC,
    recorded_samples,
)


def main() -> None:
    module = AnsibleModule(argument_spec=ROLLBACK_SPEC, supports_check_mode=True)
    project, services, state_dir = (module.params[name] for name in ("project", "services", "state_dir"))
    docker = DockerCli(SubprocessRunner(), module.params["docker_cli"])
    try:
        rollbacks = plan_rollbacks(docker, project, services, recorded_samples(state_dir, project))
        result = write_overrides(rollbacks, Path(state_dir), project, check_mode=module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
