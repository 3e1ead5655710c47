#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: model_file
short_description: Restore the model files of a service from a known-good copy
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Puts known-good model files in place of those in a container that are missing or damaged, and nothing else. The
    server is not restarted, see M(agentfoundry.incident_response.container_lifecycle).
  - The known-good files are verified before anything is touched, the damaged ones are kept as evidence before they are
    replaced, and each file is read again after it was written. Owner and mode of the old file stay.
  - It works by C(docker cp), so that the container may be stopped, restarting or paused.
  - The expected SHA-256 comes from O(files), or from the manifest in O(source_dir). The manifest in the container is
    never trusted, because whoever damaged a model could have written it.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Verifies the source, reads the files in the container, and tells which ones would be replaced.
  diff_mode:
    support: full
    details: Shows size and SHA-256 of each file, before and after.
options:
  project:
    description: Name of the Compose project.
    type: str
    required: true
  service:
    description: The service whose containers hold the model.
    type: str
    required: true
  model_dir:
    description: Directory of the model files in the container.
    type: str
    required: true
  source_dir:
    description:
      - Directory on the target host with the known-good files, under the same names.
      - It must not be writable by everybody.
    type: path
    required: true
  files:
    description:
      - The files to restore, a mapping of names below O(model_dir) to their SHA-256.
      - Left out or empty, O(source_manifest) tells them, and is itself restored.
    type: dict
    default: {}
  source_manifest:
    description: Name of the manifest below O(source_dir). Used when O(files) is empty.
    type: str
    default: manifest.json
  source_manifest_sha256:
    description:
      - SHA-256 that O(source_manifest) must have.
      - Left out, the manifest is trusted as far as the directory that the inventory names.
    type: str
    default: ""
  keep_evidence_in:
    description:
      - Directory on the target host for copies (mode 0600) of the files that are replaced; made when it is missing.
      - Left out, no copy is kept.
    type: path
  evidence_limit:
    description: Bytes kept of each replaced file; of a longer one the beginning is kept.
    type: int
    default: 67108864
  deadline:
    description: Seconds for reading, and for writing, the files of one container.
    type: float
    default: 600
  docker_cli:
    description: Docker's client on the target, by name or path.
    type: str
    default: docker
seealso:
  - module: agentfoundry.incident_response.model_server_info
  - module: agentfoundry.incident_response.container_lifecycle
"""

EXAMPLES = r"""
- name: Restore the model from the copy on the host
  agentfoundry.incident_response.model_file:
    project: agentfoundry
    service: model-server
    model_dir: /app/models
    source_dir: /srv/models/good
    keep_evidence_in: /var/lib/incident_response/evidence
  register: restored

- name: Restart the server when a file was replaced
  agentfoundry.incident_response.container_lifecycle:
    project: agentfoundry
    services: [model-server]
    state: restarted
  when: restored is changed
"""

RETURN = r"""
actions:
  description: What was replaced, or under check mode would be.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: Always V(file).
      type: str
    id:
      description: Container and path.
      type: str
    status:
      description: Always V(restored).
      type: str
    service:
      description: The service.
      type: str
  sample:
    - what: file
      id: "agentfoundry-model-server-1:/app/models/model.json"
      status: restored
      service: model-server
files:
  description: Each file of each container.
  returned: success
  type: list
  elements: dict
  contains:
    container:
      description: Name of the container.
      type: str
    name:
      description: Name below the model directory.
      type: str
    before:
      description: C(size) in bytes and C(sha256), both V(null) for a missing file.
      type: dict
    after:
      description: The same after the act.
      type: dict
    evidence:
      description: Path of the copy of what was replaced, or empty.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_restore import (
    restore_model,
    restore_result,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_restore_request import (
    MODEL_FILE_SPEC,
    read_restore,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.archive_sender import (
    DockerArchiveSender,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError


def main() -> None:
    module = AnsibleModule(argument_spec=MODEL_FILE_SPEC, supports_check_mode=True)
    client = module.params["docker_cli"]
    docker = DockerCli(SubprocessRunner(), client)
    try:
        wish = read_restore(module.params)
        restored = restore_model(docker, DockerArchiveSender(client), wish, check_mode=module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**restore_result(wish, restored))


if __name__ == "__main__":
    main()
