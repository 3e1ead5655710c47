# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: options that are mappings as one, also when one of them was given as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.option_text import read_option

DOCUMENTATION = r"""
name: merged
short_description: Options that are mappings as one
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Of two entries of the same name the later one counts. C(-e name=value) hands a mapping on as text, which is read as
    YAML, JSON or C(key=value) pairs. What is no mapping fails with the name of the option, the value and what to give.
options:
  _input:
    description: The mappings, or their text.
    type: list
    elements: raw
    required: true
  _names:
    description: What to call each of them when its value cannot be used, as positional arguments.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the limits of the platform with those of one scenario
  ansible.builtin.debug:
    msg: >-
      {{ [platform_thresholds, high_latency_thresholds]
         | agentfoundry.incident_response.merged('platform_thresholds', 'high_latency_thresholds') }}
"""

RETURN = r"""
_value:
  description: All entries.
  type: dict
"""


def _merged(values: Sequence[object], *names: str) -> dict[str, Any]:
    try:
        read = [read_option(value, "mapping", name) for value, name in zip(values, names, strict=True)]
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error
    return {key: value for mapping in read for key, value in mapping.items()}


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"merged": _merged}
