#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: platform_info
short_description: Observe a whole Docker Compose platform in one call
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Looks at every service of a Compose project and judges what it sees. Services, ports, dependencies, kinds and the
    Compose files come from the containers themselves; the inventory only refines that.
  - Independent probes run side by side, each with its own deadline. One that ends at it shows as the finding
    C(observation.<probe>).
  - Never fails for what the platform does. A stopped engine is the finding C(engine.answers).
  - Secrets are redacted from all that is returned, by their values and by what they look like.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
seealso:
  - module: agentfoundry.incident_response.container_info
  - module: agentfoundry.incident_response.model_server_info
"""

EXAMPLES = r"""
- name: Observe the only Compose project of the host
  agentfoundry.incident_response.platform_info:
  register: platform

- name: Observe one of several, with what Docker cannot know
  agentfoundry.incident_response.platform_info:
    project: agentfoundry
    services:
      api-gateway:
        user_facing: true
        health:
          expect: "status == 'ok'"
      batch-import:
        declared: stopped
    thresholds:
      http_latency_ms: 500
  register: platform

- name: What is wrong?
  ansible.builtin.debug:
    msg: "{{ platform.findings | community.general.json_query(\"[?status=='critical'].message\") }}"
"""

RETURN = r"""
engine:
  description:
    - Whether the Docker engine C(answers), its C(version), C(client_version) and C(compose_version), and a C(message).
  returned: success
  type: dict
platform:
  description:
    - The C(project), its C(working_dir), C(compose_files), C(env_files) and C(profiles), and whether they are known
      from the V(inventory), from V(labels), or not at all, V(none) (C(files_from)).
  returned: success
  type: dict
services:
  description: What was seen, by service.
  returned: success
  type: dict
  contains:
    kind:
      description: V(model_server), V(postgres), V(redis), V(rabbitmq), V(http) or V(other).
      type: str
    depends_on:
      description: The services that it needs.
      type: list
      elements: str
    declared:
      description: V(stopped), V(ignored), V(maintenance), or empty when it has to run.
      type: str
    user_facing:
      description: Whether users meet it directly.
      type: bool
    containers:
      description:
        - State, health, exit code, restarts, limits and drift of each of its containers, its C(ports), C(log_driver)
          and C(restart_policy), and whether it has a C(health_check), is C(privileged) or has the C(engine_socket).
      type: list
      elements: dict
    health:
      description:
        - How it answered on its health path, and C(via) which way it was asked. C(late_after_ms) is V(null), or the
          milliseconds after which a first request was given up; the rest tells of a later one then.
      type: dict
    resources:
      description: What it uses, from its control group. Sizes are bytes, times seconds.
      type: dict
    logs:
      description: How many C(lines) were read, the C(signatures) of trouble in them and a redacted C(excerpt).
      type: dict
    model_server:
      description: What the probe of that kind saw; only for a service of that kind.
      type: dict
findings:
  description: Every judged fact, the worst first. V(unknown) is never V(ok), V(not_configured) is neither.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Name of the fact, the same whether it is good or bad.
      type: str
    service:
      description: The service, or empty for the platform as a whole.
      type: str
    status:
      description: V(ok), V(warning), V(critical), V(unknown) or V(not_configured).
      type: str
    message:
      description: One sentence for a person.
      type: str
    value:
      description: What was measured. It is held against C(limit), in C(unit).
      type: raw
    evidence:
      description: Redacted lines that show it.
      type: list
      elements: str
    step:
      description: The playbook's step that asks for it.
      type: str
host:
  description:
    - The host's C(disk) with its file systems and the logs of the containers. With O(thorough) also C(backups), the
      newest of each policy with its C(age) (seconds) and whether it could be listed (C(listing)).
  returned: success
  type: dict
failing:
  description: Services with a critical finding.
  returned: success
  type: list
  elements: str
root_causes:
  description: Failing services whose own dependencies are fine.
  returned: success
  type: list
  elements: str
symptoms:
  description: The other failing services, each with the root causes that it suffers from.
  returned: success
  type: dict
severity:
  description: The C(level) V(P1) to V(P4), and the C(rule) that gave it.
  returned: success
  type: dict
probes:
  description: Every probe that ran, how it ended (C(state)), how long it took, and whether it writes.
  returned: success
  type: list
  elements: dict
record:
  description: Open incidents, maintenance, lease and samples of this platform, or why the record is not C(available).
  returned: success
  type: dict
samples:
  description:
    - What M(agentfoundry.incident_response.record_samples) should keep for the next run, by service; only what is new.
  returned: success
  type: dict
duration_ms:
  description: Milliseconds on the target.
  returned: success
  type: int
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.begin import ask_first


def look(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """One observation as the module's result."""
    wanted = observe_options(options, check_mode=check_mode)
    asked = ask_first(DockerCli(runner, options["docker_cli"]), wanted.probe_deadline)
    # Loading these takes as long as Docker needs for its first answers, so both go on at the same time.
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import (
        platform_data,
    )

    return platform_data(observe(wanted, real_means(options, runner), asked=asked), options["project"])


def main() -> None:
    run_info_module(PLATFORM_SPEC, look)


if __name__ == "__main__":
    main()
