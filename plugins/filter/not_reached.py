# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: who a message that was sent has not reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.delivery import not_reached

DOCUMENTATION = r"""
name: not_reached
short_description: Who a message that was sent has not reached
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The contacts that have no address for the channel, those whose every address was refused, and each refused address
    with what the receiver said of it. Used by the role C(notification).
options:
  _input:
    description: What the filter P(agentfoundry.incident_response.delivery#filter) gave.
    type: dict
    required: true
  refused:
    description: Address to what the receiver said, of those that it refused while it took others.
    type: dict
    required: true
  channel:
    description: The channel of the inventory. Its secrets are left out.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Whom did the mail not reach?
  ansible.builtin.debug:
    msg: "{{ delivery | agentfoundry.incident_response.not_reached(sent.result, channel) }}"
"""

RETURN = r"""
_value:
  description: Names and addresses.
  type: list
  elements: str
"""


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"not_reached": not_reached}
