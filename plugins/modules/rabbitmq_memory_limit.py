# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: rabbitmq_memory_limit
short_description: Give a RabbitMQ broker the memory limit of its configuration back
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Sets the memory limit (C(vm_memory_high_watermark)) that the broker's configuration asks for, when another one was
    set while it ran. With too low a limit the memory alarm is on and publishers are blocked.
  - No limit of its own choice is ever set, and the broker is not restarted.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.rabbitmq
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Shows the limit in bytes.
seealso:
  - module: agentfoundry.incident_response.rabbitmq_queue_info
"""

EXAMPLES = r"""
- name: Undo what somebody has set
  agentfoundry.incident_response.rabbitmq_memory_limit:
    project: agentfoundry
"""

RETURN = r"""
actions:
  description: What was done, or under check mode would be done.
  returned: success
  type: list
  elements: dict
before:
  description: The limit before, bytes.
  returned: success
  type: int
after:
  description: The limit after, bytes.
  returned: success
  type: int
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rabbitmq_memory import restore_limit
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_ctl import RabbitmqCtl
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.rabbitmq_arguments import (
    run_acting_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq_service import (
    RabbitmqService,
)


def act(_options: Mapping[str, Any], service: RabbitmqService, check_mode: bool, diff: bool) -> dict[str, Any]:
    """Set the configured limit where another one holds."""
    control = RabbitmqCtl(service.docker, service.container.id, seconds=service.deadline)
    outcome = restore_limit(control, check_mode=check_mode, deadline=2 * service.deadline)
    return outcome.to_result(service.container.service, diff=diff)


def main() -> None:
    run_acting_module({}, act)


if __name__ == "__main__":
    main()
