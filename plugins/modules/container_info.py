#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: container_info
short_description: Look at the containers of some services in all detail
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The same probes and judgements as M(agentfoundry.incident_response.platform_info), for some services of a platform,
    with all that can be told of their containers. State, exit code in words, health checks, limits, use, environment,
    processes, and all lines of the log that were read.
  - Secrets are redacted from all that is returned, by their values and by what they look like.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
options:
  names:
    description:
      - The services to look at. An empty list means none.
    type: list
    elements: str
    required: true
seealso:
  - module: agentfoundry.incident_response.platform_info
"""

EXAMPLES = r"""
- name: Why does the reporting service restart?
  agentfoundry.incident_response.container_info:
    project: agentfoundry
    names: [reporting-service]
    log_lines: 300
  register: looked

- name: Show it
  ansible.builtin.debug:
    msg: "{{ looked.containers['reporting-service'] | map(attribute='exit_reason') }}"
"""

RETURN = r"""
containers:
  description: By service, a list of its containers.
  returned: success
  type: dict
  contains:
    state:
      description: V(created), V(running), V(paused), V(restarting), V(removing), V(exited) or V(dead).
      type: str
    exit_code:
      description: Exit code, which C(exit_reason) explains when it does not run.
      type: int
    health_checks:
      description: The last checks by Docker, with C(ended), C(exit_code) and redacted C(output).
      type: list
      elements: dict
    environment:
      description: Names and values. A value whose name tells of a secret is replaced by V([secret]).
      type: dict
    processes:
      description: Its processes as the host shows them, with their C(state).
      type: list
      elements: dict
    resources:
      description: What it uses, from its control group (versions 1 and 2). Sizes are bytes, times seconds. C(cpu_cores)
        and C(throttled_now_percent) are of the time of the look, C(throttled_percent) of the container's whole life,
        C(pressure) (PSI, version 2 only) of the last 10 s.
      type: dict
services:
  description: The same as RV(agentfoundry.incident_response.platform_info#module:services), for these services.
  returned: success
  type: dict
findings:
  description: The same as RV(agentfoundry.incident_response.platform_info#module:findings), for these services.
  returned: success
  type: list
  elements: dict
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
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_detail import (
    container_details,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data


def look(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """One observation of some services as the module's result."""
    wanted = observe_options(options, check_mode=check_mode)
    means = real_means(options, runner)
    observation = observe(replace(wanted, only=tuple(options["names"]), log_excerpt=wanted.log_lines), means, kinds={})
    data = platform_data(observation, options["project"])
    shown = {name: data[name] for name in ("engine", "services", "findings")}
    return {**shown, "containers": container_details(observation, means.docker, wanted.probe_deadline)}


def main() -> None:
    run_info_module({**PLATFORM_SPEC, "names": {"type": "list", "elements": "str", "required": True}}, look)


if __name__ == "__main__":
    main()
