# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: rabbitmq_quarantine
short_description: Park poison messages of a RabbitMQ queue, losing nothing
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Moves the message at the head of a queue into the durable queue of the same name with the suffix C(.quarantine), and
    starts the consumer; when the next message ends it as well, that one too, at most O(at_most) messages.
  - The consumers are stopped meanwhile. The copy is counted in the parking queue before the original is taken away, so
    that a run which is killed in the middle leaves a message twice, never not at all.
  - Only a message that the broker has delivered before is parked. Where it came from stands in its headers
    (C(x-incident-response-*)). Bodies are never shown.
  - There is no purge here, and no other way to delete a message.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.rabbitmq
attributes:
  check_mode:
    support: full
    details: Tells that messages would be parked, but not which, for a look at the head would mark it as delivered.
  diff_mode:
    support: full
    details: Shows the messages in both queues.
options:
  queue:
    description:
      - The queue.
    type: str
    required: true
  vhost:
    description:
      - Its virtual host.
    type: str
    default: /
  consumers:
    description:
      - All services that consume it. They are stopped and started again.
    type: list
    elements: str
    required: true
  at_most:
    description:
      - How many messages one call may park.
    type: int
    default: 10
  settle:
    description:
      - Seconds for which the consumer must live until it is left alone.
    type: float
    default: 3.0
seealso:
  - module: agentfoundry.incident_response.rabbitmq_queue_info
"""

EXAMPLES = r"""
- name: Park what brings notification-service down
  agentfoundry.incident_response.rabbitmq_quarantine:
    project: agentfoundry
    queue: notifications
    consumers: [notification-service]
"""

RETURN = r"""
actions:
  description: One entry for each message that was parked, with C(queue) and C(parking).
  returned: success
  type: list
  elements: dict
parked:
  description: The same messages by C(sha256) of the body in Base64, C(bytes) and C(exchange).
  returned: success
  type: list
  elements: dict
counts:
  description: Messages in the queue and in its parking queue, C(before) and C(after).
  returned: success
  type: dict
reason:
  description: Why it ended, one sentence.
  returned: success
  type: str
note:
  description: What was done, one sentence with the counts before and after; empty when nothing was.
  returned: success
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rabbitmq_quarantine import (
    Request,
    quarantine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rabbitmq_workers import (
    ContainerWorkers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    SocketHttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_broker import (
    RabbitmqBroker,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.rabbitmq_arguments import (
    run_acting_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq_service import (
    RabbitmqService,
)

SPEC: dict[str, Any] = {
    "queue": {"type": "str", "required": True},
    "vhost": {"type": "str", "default": "/"},
    "consumers": {"type": "list", "elements": "str", "required": True},
    "at_most": {"type": "int", "default": 10},
    "settle": {"type": "float", "default": 3.0},
}


def act(options: Mapping[str, Any], service: RabbitmqService, check_mode: bool, diff: bool) -> dict[str, Any]:
    """Park the head of the queue until its consumer lives."""
    if not options["consumers"]:
        raise InvalidInputError("consumers", [], remedy="Name the services that consume the queue.")
    if options["at_most"] <= 0:
        raise InvalidInputError("at_most", options["at_most"], remedy="Give a positive number.")
    broker = RabbitmqBroker(service.api(SocketHttpClient()), options["vhost"])
    workers = ContainerWorkers(service.docker, service.project, options["consumers"])
    request = Request(options["queue"], options["at_most"], options["settle"])
    return quarantine(broker, workers, request, check_mode=check_mode).to_result(diff=diff)


def main() -> None:
    run_acting_module(SPEC, act, seconds=["settle"])


if __name__ == "__main__":
    main()
