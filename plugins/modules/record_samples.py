#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: record_samples
short_description: Keep samples for later observations
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Keeps last known values of services, such as the size and the time of a model file, so that the next observation
    sees what changed.
  - It is bookkeeping and never counts as a change.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
  - agentfoundry.incident_response.record.named_platform
attributes:
  check_mode:
    support: full
    details: Writes nothing.
  diff_mode:
    support: none
    details: What it changes is bookkeeping, which the result itself shows.
options:
  samples:
    description: Values by name, by service, as M(agentfoundry.incident_response.platform_info) returns them.
    type: dict
    required: true
  findings:
    description:
      - Findings of the same observation. Of the good ones the measured values are kept, for the review of a later
        incident to compare with.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Keep what was seen
  agentfoundry.incident_response.record_samples:
    platform: agentfoundry
    samples: "{{ observed.samples }}"
    findings: "{{ observed.findings }}"
"""

RETURN = r"""
changed:
  description: Always false.
  returned: success
  type: bool
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_policy import (
    SAMPLES_SPEC,
    run_samples,
)


def main() -> None:
    run_record_module(run_samples, SAMPLES_SPEC)


if __name__ == "__main__":
    main()
