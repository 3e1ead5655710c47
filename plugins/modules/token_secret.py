#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: token_secret
short_description: Rotate the secret that signs tokens, or accept the one that runs
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - With O(state=rotated) it writes a new random value into the env file that the Compose files take the secret from.
    The file is replaced atomically, with a backup beside it, and keeps its owner and mode.
  - The services go on with the old secret until they are recreated, see
    M(agentfoundry.incident_response.compose_recreate_info). A restart does not load a changed environment.
  - The rotation is recorded before the file is touched, so that later runs know the change. A change that nobody has
    recorded is a security incident.
  - With O(state=accepted) it records the secret that all services run with now as the known one, after a person has
    looked at an unexplained change.
  - It refuses when a service takes the secret from elsewhere, which a new value in the file would not reach.
  - No value of a secret is ever shown, stored in the record, or handed to another program. A diff shows fingerprints.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Finds the file and checks that every service takes the secret from it, without writing anything.
  diff_mode:
    support: full
    details: Shows keyed fingerprints before and after.
options:
  project:
    description: Name of the Compose project.
    type: str
    required: true
  issuer:
    description: The service that issues the tokens; the secret is recorded under its name.
    type: str
    required: true
  variable:
    description: The variable that holds the secret, in the env file and in the containers.
    type: str
    default: JWT_SECRET
  state:
    description: What is wanted.
    type: str
    choices: [rotated, accepted]
    required: true
  services:
    description: What the inventory says of the services, as for M(agentfoundry.incident_response.platform_info).
    type: dict
    default: {}
  compose_files:
    description: Compose files. Left out, those that most containers bear in their labels.
    type: list
    elements: path
    default: []
  env_files:
    description: Env files of the Compose project. Left out, those of the labels, else C(.env) beside the Compose file.
    type: list
    elements: path
    default: []
  profiles:
    description: Compose profiles that are active.
    type: list
    elements: str
    default: []
  docker_cli:
    description: Docker's client on the target, by name or path.
    type: str
    default: docker
  state_dir:
    description: Directory on the target that holds the record and the key of the fingerprints.
    type: path
    default: /var/lib/incident_response
seealso:
  - module: agentfoundry.incident_response.token_trust_info
"""

EXAMPLES = r"""
- name: Write a new secret
  agentfoundry.incident_response.token_secret:
    project: agentfoundry
    issuer: user-service
    state: rotated

- name: Accept a secret that a person has changed on purpose
  agentfoundry.incident_response.token_secret:
    project: agentfoundry
    issuer: user-service
    state: accepted
"""

RETURN = r"""
services:
  description: The services that have the secret; after a rotation all of them have to be recreated.
  returned: success
  type: list
  elements: str
env_file:
  description: The file that was changed, or would be.
  returned: success
  type: str
backup:
  description: The old file. It holds the old secret; delete it when the new one works.
  returned: success
  type: str
actions:
  description: What was done, or under check mode would be.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.token_look import (
    SECRET_SPEC,
    change_secret,
)


def main() -> None:
    module = AnsibleModule(argument_spec=SECRET_SPEC, supports_check_mode=True)
    try:
        result = change_secret(module.params, SubprocessRunner(), check_mode=module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
