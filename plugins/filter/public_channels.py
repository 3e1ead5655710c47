# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: what the platform's host may know of the channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DOCUMENTATION = r"""
name: public_channels
short_description: Channels without their secrets
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Keeps only C(type), C(events) and C(tell_healed) of each channel, which is what
    M(agentfoundry.incident_response.outbox) needs on the host of the platform. Everything else stays on the
    controller.
options:
  _input:
    description: The channels of the inventory, by name.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What has to be told?
  agentfoundry.incident_response.outbox:
    phase: claim
    channels: "{{ notification_channels | agentfoundry.incident_response.public_channels }}"
    routes: {P1: [slack]}
    matrix:
      service_crash: {first: [on_call_engineer]}
"""

RETURN = r"""
_value:
  description: Name to C(type), C(events) and C(tell_healed).
  type: dict
"""


def _public(channels: Any) -> Any:
    """What is no mapping is left as it is: the module names the option when it refuses it."""
    if not isinstance(channels, Mapping):
        return channels
    return {
        str(name): {key: channel[key] for key in ("type", "events", "tell_healed") if key in channel}
        if isinstance(channel, Mapping)
        else {}
        for name, channel in channels.items()
    }


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"public_channels": _public}
