# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: why a channel failed, without its secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.delivery import readable_error

DOCUMENTATION = r"""
name: channel_error
short_description: Why a channel failed, without its secrets
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Turns the message of a failed task into one line in which no secret of the channel stands.
options:
  _input:
    description: The message of the task that failed.
    type: str
    required: true
  channel:
    description: The channel of the inventory.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep why it failed
  ansible.builtin.set_fact:
    error: "{{ ansible_failed_result.msg | agentfoundry.incident_response.channel_error(channel) }}"
"""

RETURN = r"""
_value:
  description: At most 300 characters.
  type: str
"""


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"channel_error": readable_error}
