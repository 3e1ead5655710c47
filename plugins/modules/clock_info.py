#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: clock_info
short_description: Compare the clocks of a platform
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The host's clock against NTP (chrony, else systemd's time service, else it says that nobody can tell).
  - Each service's clock against the host's, by the C(Date) header of its health answer and by C(date) inside its
    containers. Containers share the host's clock, so a difference means libfaketime, or a service on another host.
  - Every skew comes with the uncertainty of its reading.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
seealso:
  - module: agentfoundry.incident_response.token_trust_info
"""

EXAMPLES = r"""
- name: Compare the clocks
  agentfoundry.incident_response.clock_info:
    project: agentfoundry
    thresholds: {clock_skew_s: 5}
  register: looked

- name: Show the services that are off
  ansible.builtin.debug:
    msg: "{{ looked.findings | selectattr('status', 'equalto', 'critical') | map(attribute='message') }}"
"""

RETURN = r"""
project:
  description: The Compose project.
  returned: success
  type: str
clocks:
  description: C(host) and C(services), the best reading of each.
  returned: success
  type: dict
  sample:
    host: {source: chrony, synchronized: true, offset: 0.000012, message: "This host's clock is 0.000012 s off NTP."}
    services:
      user-service: {source: date, skew: 0.004, uncertainty: 0.041, faked: false}
readings:
  description: All readings, by service.
  returned: success
  type: dict
findings:
  description: The two facts judged, C(clock.skew) and C(clock.host).
  returned: success
  type: list
  elements: dict
duration_ms:
  description: Milliseconds that the look took.
  returned: success
  type: int
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.clock_look import look_at_clocks
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module


def main() -> None:
    run_info_module(PLATFORM_SPEC, look_at_clocks)


if __name__ == "__main__":
    main()
