#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: remediation_verify
short_description: Wait until a platform is healed and stays so
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Observes the platform again and again until the named services are healed and have stayed so, in the same
    containers, for the stability window; or until the deadline has passed.
  - Says what it waits for, and renews the lease of the remediation while it waits.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: none
    details: The flow ends before it in check mode.
  diff_mode:
    support: N/A
    details: Changes nothing.
options:
  observe:
    description: Options of M(agentfoundry.incident_response.platform_info).
    type: dict
    required: true
  services:
    description: Services that must be healed.
    type: list
    elements: str
    required: true
  later:
    description:
      - Services in trouble that have a step of their own to come. Their trouble is not waited for. When it is over by
        itself, they too must stay healed.
    type: list
    elements: str
    default: []
  stability:
    description: Seconds for which they must stay healed.
    type: float
    required: true
  deadline:
    description: Seconds until they must be healed; the stability window comes on top.
    type: float
    required: true
  interval:
    description: Seconds between two observations.
    type: float
    default: 2.0
  progress_interval:
    description: Seconds after which an unchanged state is told again.
    type: float
    default: 10.0
  lease:
    description: The lease to renew, with C(state_dir), C(platform), C(token) and C(ttl).
    type: dict
  since:
    description: Reading (s) of the controller's monotonic clock from which RV(restored_after) counts.
    type: float
"""

EXAMPLES = r"""
- name: Wait until the model server answers again
  agentfoundry.incident_response.remediation_verify:
    observe: {project: agentfoundry}
    services: [model-server]
    stability: 15
    deadline: 60
  register: verified
"""

RETURN = r"""
healed:
  description: Whether the services are healed and stayed so.
  type: bool
  returned: success
message:
  description: Why it is healed, or what still speaks against it.
  type: str
  returned: success
restored_after:
  description: Seconds until the services were first seen healed, or null.
  type: float
  returned: success
waited:
  description: Seconds of waiting, the stability window included.
  type: float
  returned: success
observed:
  description: The last observation.
  type: dict
  returned: success
"""
