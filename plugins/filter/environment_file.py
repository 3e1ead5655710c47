# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: the content of an environment file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.service_files import environment_file

DOCUMENTATION = r"""
name: environment_file
short_description: The content of an environment file
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Writes variables so that C(EnvironmentFile=) of systemd and a shell read the same values.
options:
  _input:
    description: Name to value. A value may hold anything, also line breaks, except NUL.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Write the secrets of a service
  ansible.builtin.copy:
    content: "{{ secrets | agentfoundry.incident_response.environment_file }}"
    dest: /etc/shop/secrets.env
    mode: "0600"
  no_log: true
"""

RETURN = r"""
_value:
  description: One assignment for each variable.
  type: str
"""


def _environment_file(variables: Mapping[str, Any]) -> str:
    try:
        return environment_file(variables)
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"environment_file": _environment_file}
