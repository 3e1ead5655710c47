# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: rabbitmq_queue_info
short_description: Look at the queues of a RabbitMQ broker, and say why messages wait
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Looks at one broker of a Compose project in all detail, by the same code as
    M(agentfoundry.incident_response.platform_info), the steps QB-1 to QB-3 and QB-5 of the playbook.
  - The management API is asked when it can be reached, by published port or container address, else C(rabbitmqctl) by
    C(docker exec). Both tell the same counts, rates, slopes, consumers, alarms, dead letters and classes.
  - Only the API has a history. By C(rabbitmqctl) C(window) is null, for what was delivered before the look was not
    seen, which does not mean that nothing was.
  - The consumers are mapped to Compose services by their connections; when none is connected, by O(services), by the
    record of the last run, and at last by who depends on the broker, consumes nothing and is down or unhealthy.
  - A second exact count is taken after one second when a queue is behind that somebody might be working off, and one
    more after five seconds when it does not shrink as it should.
  - User and password are never shown.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
options:
  name:
    description:
      - The service to look at. It is taken for a RabbitMQ broker whatever its image, name and ports tell.
    type: str
    default: rabbitmq
seealso:
  - module: agentfoundry.incident_response.platform_info
  - module: agentfoundry.incident_response.rabbitmq_quarantine
"""

EXAMPLES = r"""
- name: Why do messages wait?
  agentfoundry.incident_response.rabbitmq_queue_info:
    project: agentfoundry
  register: looked

- name: Show it
  ansible.builtin.debug:
    msg: "{{ looked.rabbitmq.queues | map(attribute='evidence') | flatten }}"
"""

RETURN = r"""
rabbitmq:
  description: What was seen. Empty when the service has no container or is declared to be left alone.
  returned: success
  type: dict
  contains:
    state:
      description: The engine's word for the container.
      type: str
    alive:
      description: Whether the runtime answers.
      type: bool
    running:
      description: Whether the broker runs in it.
      type: bool
    via:
      description: The way that was taken.
      type: str
    bypassed:
      description: Why the management API was not used, or empty.
      type: str
    error:
      description: Why there is no answer, or empty.
      type: str
    version:
      description: The broker's version, when it was told.
      type: str
    nodes:
      description: Memory, disk and their alarms, sizes in bytes.
      type: list
      elements: dict
    configured_memory_limit:
      description: Bytes that the configuration allows; looked up while the memory alarm is on.
      type: int
    guest:
      description: Whether the default credentials are good from outside the broker's own loopback; null when not tried.
      type: bool
    queues:
      description:
        - Each queue with C(messages), C(ready), C(unacknowledged), C(consumers), C(capacity), C(prefetch), C(rates)
          (messages per second), C(window) (messages in ten minutes; null when not seen), C(slope) (messages per
          second), C(drain_seconds), C(services) (who consumes it), C(temporary), C(dead_letter) (whether another queue
          keeps what is refused; null when not seen), C(class) and its C(evidence).
        - C(class) is V(none), V(waiting), V(draining), V(no_consumer), V(stuck_consumer), V(slow_consumer), V(poison)
          or V(consumer_crash).
      type: list
      elements: dict
findings:
  description: Every fact judged, as of M(agentfoundry.incident_response.platform_info), of this service alone.
  returned: success
  type: list
  elements: dict
engine:
  description: The Docker engine.
  returned: success
  type: dict
duration_ms:
  description: Milliseconds that the look took.
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
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq import RabbitmqProbe


def look(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """One look at one broker."""
    name = options["name"]
    wanted = observe_options(options, check_mode=check_mode)
    settings = replace(wanted.services.get(name, ServiceSettings()), kind="rabbitmq")
    only = replace(wanted, only=(name,), services={**wanted.services, name: settings})
    probe = RabbitmqProbe()
    data = platform_data(observe(only, real_means(options, runner), kinds={probe.name: probe}), options["project"])
    service = data["services"].get(name, {})
    findings = [finding for finding in data["findings"] if finding["service"] in ("", name)]
    return {"engine": data["engine"], "findings": findings, "rabbitmq": service.get("rabbitmq", {})}


def main() -> None:
    run_info_module({**PLATFORM_SPEC, "name": {"type": "str", "default": "rabbitmq"}}, look)


if __name__ == "__main__":
    main()
