#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: approval
short_description: Approve a destructive step, or withdraw the approval
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Approves one step of a plan, by its action and its digest, for a limited time and for one act.
  - An attempt that had no effect does not use it up. A run by hand can name the action instead, see
    O(agentfoundry.incident_response.guard#module:approved_actions).
  - Repeating it does not prolong an approval that holds; another O(expires) or another O(approver) begins it anew.
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
    details: Shows the approval before and after.
options:
  state:
    description: Whether the approval is to be there.
    type: str
    choices: [present, absent]
    default: present
  action:
    description: The action, as the plan names it.
    type: str
    required: true
  digest:
    description: The digest of the step, as the plan shows it.
    type: str
    required: true
  approver:
    description: Who approves. Required for O(state=present).
    type: str
  reason:
    description: Why.
    type: str
    default: ""
  expires:
    description: Seconds for which it is good.
    type: float
    default: 3600
seealso:
  - module: agentfoundry.incident_response.guard
"""

EXAMPLES = r"""
- name: The model may be restored
  agentfoundry.incident_response.approval:
    platform: agentfoundry
    action: restore_model
    digest: "{{ plan.steps[1].digest }}"
    approver: jane
    reason: The file is truncated, and the last known good one was checked.
"""

RETURN = r"""
changed:
  description: False when the same person's approval is still good.
  returned: success
  type: bool
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_policy import (
    APPROVAL_SPEC,
    run_approval,
)


def main() -> None:
    run_record_module(run_approval, APPROVAL_SPEC, [("state", "present", ("approver",))])


if __name__ == "__main__":
    main()
