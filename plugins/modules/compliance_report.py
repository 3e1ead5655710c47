#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the action plugin of the same name does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: compliance_report
short_description: Judge a platform by controls and report it
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Judges one observation, and the incidents of the record, by controls that are data.
  - Keeps what became of each control in the record, and says what changed since the last run.
  - Shows a table and hands the report on as an artifact (C(set_stats)) under the key C(incident_response), by host and
    platform, then C(compliance).
  - What could not be told is V(unknown), which is never a pass.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
attributes:
  check_mode:
    support: full
    details: Reports the same; the run is not kept.
  diff_mode:
    support: N/A
    details: Changes nothing but its own history.
options:
  observed:
    description: A result of M(agentfoundry.incident_response.platform_info), best a thorough one.
    type: dict
    required: true
  incidents:
    description:
      - Incidents of the record, see M(agentfoundry.incident_response.incident_info).
      - Without them, and when there are 1000 or more, the controls about reviews and response times are unknown unless
        they fail.
    type: list
    elements: dict
  controls:
    description:
      - The controls. Each has C(id), C(title), C(severity) (V(critical), V(high), V(medium) or V(low)), C(step),
        C(rationale), C(fix), and either C(findings) (patterns of ids that have to be ok) with C(kind), or C(check).
      - C(kind) is a kind of service, V(service) for every service, V(host) or V(engine).
      - C(playbook) names what can heal it.
    type: list
    elements: dict
    required: true
  waivers:
    description:
      - Failures that somebody answers for. Each has C(control), C(owner), C(reason) and C(expires), the last day on
        which it counts, and may have C(services), to which it is limited then.
      - An unknown control, or one without owner, reason or expiry, is an error. An expired one excuses nothing, and
        fails the control C(compliance.waivers).
    type: list
    elements: raw
    default: []
  allowed_ports:
    description: Service to ports of its container that may be published on any address.
    type: dict
    default: {}
  limits:
    description:
      - C(backup_age_h) (26), C(response_window_days) (30), C(slow_log_ms) (5000), C(token_lifetime_s) (60) and
        C(token_longest_lifetime_s) (86400).
    type: dict
    default: {}
  fail_on:
    description: From which severity on a control that fails or is unknown makes RV(passes) false.
    type: str
    choices: [critical, high, medium, low, never]
    default: high
  show:
    description: What of the table is shown. V(problems) leaves out what passes or does not apply.
    type: str
    choices: [all, problems, none]
    default: all
  state_dir:
    description: Directory on the target that holds the record.
    type: path
    default: /var/lib/incident_response
  history:
    description: Whether the run is kept and compared with earlier ones.
    type: bool
    default: true
seealso:
  - module: agentfoundry.incident_response.compliance_history
"""

EXAMPLES = r"""
- name: Observe the platform thoroughly
  agentfoundry.incident_response.platform_info:
    project: agentfoundry
    thorough: true
  register: observed

- name: Hold it against one control of our own
  agentfoundry.incident_response.compliance_report:
    observed: "{{ observed }}"
    controls:
      - id: acme.health
        title: Every service answers well
        severity: high
        step: SC-4
        rationale: Our customers see it at once.
        fix: See the finding.
        findings: [http.health]
        kind: service
    waivers:
      - control: acme.health
        owner: ada
        reason: The old importer goes in June.
        expires: 2027-06-30
        services: [importer]
"""

RETURN = r"""
report:
  description:
    - C(schema_version), C(host), C(platform), C(at), C(passes), C(failing) (controls that fail the run),
      C(counts) by status, C(results) (one for each control),
      C(changes) (C(since), C(newly_failing), C(fixed), C(newly_unknown)), C(trend),
      C(waivers), C(roles) (of remediation, that failing controls name), C(history_error) and C(duration_ms).
  type: dict
  returned: success
passes:
  description: Whether no control as severe as O(fail_on) fails or is unknown.
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
plot:
  description: The trend as a picture (SVG) for a page.
  type: str
  returned: success
sarif:
  description: The report as SARIF 2.1.0.
  type: str
  returned: success
"""
