# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: words for a unit file of systemd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.service_files import systemd_words

DOCUMENTATION = r"""
name: systemd_words
short_description: Words for a unit file of systemd
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Quotes each word so that systemd takes it as one word, and so that nothing in it is a specifier.
  - A control character, such as a line break, is refused.
options:
  _input:
    description: One word, or a list of them.
    type: raw
    required: true
  expands:
    description: Whether the setting replaces variables, as C(ExecStart=) does; C(Environment=) does not.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the command of a unit
  ansible.builtin.debug:
    msg: "ExecStart={{ ['/bin/echo', '100 %'] | agentfoundry.incident_response.systemd_words(expands=true) }}"
"""

RETURN = r"""
_value:
  description: The words, with a space between them.
  type: str
"""


def _systemd_words(words: str | Sequence[Any], expands: bool = False) -> str:
    try:
        return systemd_words(words, expands=expands)
    except IncidentResponseError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"systemd_words": _systemd_words}
