# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: an option of a role, also when it was given as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.option_text import read_option

DOCUMENTATION = r"""
name: option
short_description: An option of a role, also when it was given as text
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - C(-e name=value) hands every value on as text. This gives it the type that it is meant to have, or fails with the
    name of the option, the value and what to give.
positional: kind, name
options:
  _input:
    description: The value, text or not.
    type: raw
    required: true
  kind:
    description:
      - V(names) is a list of words. Text is read as YAML or as words with commas between them; nothing in it gives an
        empty list. A value of null stays null.
      - V(rungs) is a list, its text YAML or JSON.
      - V(mappings) is a list of mappings, its text YAML or JSON.
      - V(scenarios) is the same, with at least one mapping, and in each C(name) and C(role).
      - V(mapping) is a mapping, its text YAML, JSON or C(key=value) pairs.
      - V(limit) is a positive number.
      - V(folder) is the absolute path of a folder below another one.
    type: str
    choices: [names, rungs, mappings, scenarios, mapping, limit, folder]
    required: true
  name:
    description: What to call the option when its value cannot be used.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the services of -e high_latency_services=[api-gateway,redis]
  ansible.builtin.debug:
    msg: "{{ high_latency_services | agentfoundry.incident_response.option('names', 'high_latency_services') }}"
"""

RETURN = r"""
_value:
  description: The value with its type.
  type: raw
"""


def _option(value: object, kind: str, name: str) -> Any:
    try:
        return read_option(value, kind, name)
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"option": _option}
