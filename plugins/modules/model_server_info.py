#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: model_server_info
short_description: Look at a model server in all detail
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The same probe and judgement as M(agentfoundry.incident_response.platform_info), for one model server of a platform,
    with all that can be told of it.
  - A canary inference with a deadline runs from this host and from the network of the calling services, which tells a
    time-out of the server, of the network and of the client apart.
  - Also its processes and their state, its log, its model files against their SHA-256, CPU and memory limits,
    throttling, and the devices that it was given, with nvidia-smi when the container has it.
  - Secrets are redacted from all that is returned.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
options:
  name:
    description:
      - The service to look at. It is taken for a model server whatever its image, name and ports tell.
      - What cannot be told from Docker, such as the canary, is given by O(services).
    type: str
    required: true
  hash:
    description:
      - Hash the model files even when there is no reason to.
      - Without it they are hashed only when the canary fails, when the container does not run, or when size or time of
        a file changed since it was last seen good.
    type: bool
    default: false
seealso:
  - module: agentfoundry.incident_response.platform_info
  - module: agentfoundry.incident_response.model_file
"""

EXAMPLES = r"""
- name: Is the model server fit?
  agentfoundry.incident_response.model_server_info:
    project: agentfoundry
    name: model-server
    hash: true
    services:
      model-server:
        model_server:
          canary: {path: /predict, body: {features: [1, 2, 3]}, deadline: 2}
          model_dir: /app/models
  register: looked

- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ looked.findings | rejectattr('status', 'in', ['ok', 'not_configured']) | map(attribute='message') }}"
"""

RETURN = r"""
model_server:
  description: What was seen of the model server. Empty when it has no container or is declared to be left alone.
  returned: success
  type: dict
  contains:
    state:
      description: The engine's word for the container.
      type: str
    age_s:
      description: Seconds since its start.
      type: float
    restart_count:
      description: Restarts by the engine since the last start by hand.
      type: int
    readiness:
      description: What the health path answered.
      type: dict
    canary:
      description:
        - The inference from this host. C(outcome) is V(answered), V(answer_timed_out), V(connect_timed_out),
          V(refused), V(unreachable), V(unresolved), V(broken), V(no_client) or V(not_tried).
      type: dict
      contains:
        outcome:
          description: How it ended.
          type: str
        http_status:
          description: HTTP status, or V(null).
          type: int
        latency_ms:
          description: Milliseconds until the answer was complete or the attempt ended.
          type: float
        late_after_ms:
          description:
            - Milliseconds of a first attempt that was too slow or got no answer, although the server said that it was
              ready. The rest tells of a later one then; else V(null).
          type: float
        answer:
          description: The redacted answer when it is JSON.
          type: raw
    callers:
      description: The same inference from the network of each calling service, which is its C(vantage).
      type: list
      elements: dict
    processes:
      description: Each with C(pid), C(ppid), C(state), C(role) (V(main), V(worker), V(other)) and redacted C(command).
      type: list
      elements: dict
    files:
      description: The model files with size and SHA-256 as found and as expected, and why they were hashed.
      type: dict
    log:
      description: Whether the log says that it is loading, and the line that explains an end.
      type: dict
    devices:
      description: What was C(requested), and the C(gpus) that nvidia-smi shows.
      type: dict
service:
  description: The same as one of RV(agentfoundry.incident_response.platform_info#module:services).
  returned: success
  type: dict
findings:
  description: The same as RV(agentfoundry.incident_response.platform_info#module:findings), for this service.
  returned: success
  type: list
  elements: dict
samples:
  description: The same as RV(agentfoundry.incident_response.platform_info#module:samples), for this service.
  returned: success
  type: dict
engine:
  description: Whether the Docker engine C(answers), its versions, and a C(message).
  returned: success
  type: dict
duration_ms:
  description: Milliseconds on the target.
  returned: success
  type: int
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server import (
    ModelServerProbe,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data


def look(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """One observation of one model server as the module's result."""
    name = options["name"]
    wanted = observe_options(options, check_mode=check_mode)
    settings = replace(wanted.services.get(name, ServiceSettings()), kind="model_server")
    probe = ModelServerProbe(always_hash=options["hash"], always_ask_devices=True)
    only = replace(wanted, only=(name,), services={**wanted.services, name: settings}, log_excerpt=wanted.log_lines)
    data = platform_data(observe(only, real_means(options, runner), kinds={probe.name: probe}), options["project"])
    service = dict(data["services"].get(name, {}))
    shown = {key: data[key] for key in ("engine", "findings", "samples")}
    return {**shown, "model_server": service.pop("model_server", {}), "service": service}


def main() -> None:
    own = {"name": {"type": "str", "required": True}, "hash": {"type": "bool", "default": False}}
    run_info_module({**PLATFORM_SPEC, **own}, look)


if __name__ == "__main__":
    main()
