#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: compliance_history
short_description: Keep a compliance run in the record
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Keeps what became of each control, and returns the earlier runs, so that a report can say what changed.
  - It is bookkeeping and never counts as a change.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
  - agentfoundry.incident_response.record.named_platform
attributes:
  check_mode:
    support: full
    details: Only reads.
  diff_mode:
    support: none
    details: What it changes is bookkeeping, which the result itself shows.
options:
  results:
    description: Control to V(pass), V(fail), V(waived), V(not_applicable) or V(unknown).
    type: dict
    required: true
  limit:
    description: So many earlier runs are returned at most.
    type: int
    default: 60
  most:
    description: So many runs of a platform are kept at most; the oldest go.
    type: int
    default: 1000
seealso:
  - module: agentfoundry.incident_response.compliance_report
"""

EXAMPLES = r"""
- name: Keep a run of a check of our own
  agentfoundry.incident_response.compliance_history:
    platform: agentfoundry
    results:
      image.pinned: pass
      disk.headroom: fail
  register: history
"""

RETURN = r"""
changed:
  description: Always false.
  returned: success
  type: bool
at:
  description: When this run was kept, RFC 3339.
  returned: success
  type: str
runs:
  description: The earlier runs, the oldest first, each with C(at) and C(results).
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_compliance import (
    HISTORY_SPEC,
    run_history,
)


def main() -> None:
    run_record_module(run_history, HISTORY_SPEC)


if __name__ == "__main__":
    main()
