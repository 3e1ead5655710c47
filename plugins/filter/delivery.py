# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: what a channel is handed to send a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.delivery import deliver

DOCUMENTATION = r"""
name: delivery
short_description: All that a task needs to send a message, except secrets
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Turns a message of M(agentfoundry.incident_response.outbox) into words and addresses for a channel. Used by
    the role C(notification).
options:
  _input:
    description: The message.
    type: dict
    required: true
  channel:
    description: The channel of the inventory that it goes through.
    type: dict
    required: true
  contacts:
    description: The contacts of the inventory, by name, each with C(name), C(email), C(phone) and C(slack).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What would be sent?
  ansible.builtin.debug:
    msg: "{{ message | agentfoundry.incident_response.delivery(notification_channels[message.channel], contacts) }}"
"""

RETURN = r"""
_value:
  description: >-
    C(subject), C(sms) (at most 160 characters), C(text), C(slack_text), C(markdown_text), C(wiki_text),
    C(journal_text), C(emails), C(phones), C(addresses) (of each contact), C(unreached) (contacts without an address for
    the channel), C(dedup_key), C(payload) and the vendor's terms.
  type: dict
"""


def _delivery(message: Mapping[str, Any], channel: Any, contacts: Any) -> dict[str, Any]:
    try:
        return deliver(message, channel, contacts)
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"delivery needs a message of the module outbox; {error} is missing.") from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"delivery": _delivery}
