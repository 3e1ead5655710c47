#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance
short_description: Begin or end a maintenance window
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - During a window nothing is remediated, on the whole platform or on one of its services.
  - Repeating it does not prolong a window; another duration or reason, or another person, begins it anew.
  - Nobody cuts the window of another person short; that is refused until the longer window is ended.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
  - agentfoundry.incident_response.record.named_platform
attributes:
  check_mode:
    support: full
    details: In check mode nothing is written; the result says what would be.
  diff_mode:
    support: full
    details: Shows the window before and after.
options:
  state:
    description: Whether there is to be a window.
    type: str
    choices: [present, absent]
    default: present
  service:
    description: One service. Left out, the whole platform.
    type: str
    default: ""
  by:
    description: Who works on it. Required for O(state=present).
    type: str
  reason:
    description: What is being done. Required for O(state=present).
    type: str
  duration:
    description: Length in seconds. Required for O(state=present), so that no window is forgotten.
    type: float
seealso:
  - module: agentfoundry.incident_response.guard
"""

EXAMPLES = r"""
- name: Hands off the model server for an hour
  agentfoundry.incident_response.maintenance:
    platform: agentfoundry
    service: model-server
    by: jane
    reason: A new model is being rolled out.
    duration: 3600

- name: Done
  agentfoundry.incident_response.maintenance:
    platform: agentfoundry
    service: model-server
    state: absent
"""

RETURN = r"""
changed:
  description: False when the same window is under way already, or when there is none to end.
  returned: success
  type: bool
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_policy import (
    MAINTENANCE_SPEC,
    run_maintenance,
)


def main() -> None:
    run_record_module(run_maintenance, MAINTENANCE_SPEC, [("state", "present", ("by", "reason", "duration"))])


if __name__ == "__main__":
    main()
