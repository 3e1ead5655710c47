#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: health_report
short_description: Show how each service of a platform is, as a table and as data
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Turns one observation into a table for a person (service, status, state, health, latency, restarts, finding) and
    into what machines read, JUnit XML and metrics of Prometheus among it.
  - Hands the report on as an artifact (C(set_stats)) under the key C(incident_response), by host and platform, then
    C(health_check).
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Changes nothing.
  diff_mode:
    support: N/A
    details: Changes nothing.
options:
  observed:
    description: A result of M(agentfoundry.incident_response.platform_info).
    type: dict
    required: true
  fail_on:
    description: From which status of any service on RV(passes) is false.
    type: str
    choices: [warning, unknown, critical, never]
    default: critical
  show:
    description: Whether the table is shown.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Observe the platform
  agentfoundry.incident_response.platform_info:
    project: agentfoundry
  register: observed

- name: Show how it is
  agentfoundry.incident_response.health_report:
    observed: "{{ observed }}"
  register: health

- name: Write metrics for the textfile collector
  ansible.builtin.copy:
    content: "{{ health.prometheus }}"
    dest: /var/lib/node_exporter/agentfoundry.prom
    mode: "0644"
"""

RETURN = r"""
report:
  description:
    - C(schema_version), C(host), C(platform), the worst C(status), C(counts) of services by status, C(rows) (one for
      each service), C(findings), C(root_causes), C(symptoms) and C(duration_ms).
  type: dict
  returned: success
passes:
  description: Whether no service is as bad as O(fail_on) says.
  type: bool
  returned: success
junit:
  description: The report as JUnit XML.
  type: str
  returned: success
prometheus:
  description: The report as metrics in the text format of Prometheus.
  type: str
  returned: success
"""
