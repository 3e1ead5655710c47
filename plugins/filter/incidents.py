# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters: an incident as lines of text; the incidents of many hosts as a table and as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ansible.errors import AnsibleFilterError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_tables import (
    data_of,
    tables_text,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_text import (
    incident_text as lines_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.incidents_page import (
    incidents_html as page_of,
)

Shown = TypeVar("Shown")


def incident_text(incident: Mapping[str, Any]) -> list[str]:
    """One incident as lines."""
    try:
        return lines_of(incident)
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"incident_text needs an incident of incident_info; {error} is missing.") from error


def incidents_table(by_host: Mapping[str, Any]) -> list[str]:
    """The incidents of many hosts as lines."""
    return _of_hosts(tables_text, by_host)


def incidents_data(by_host: Mapping[str, Any]) -> dict[str, Any]:
    """The incidents of many hosts for machines."""
    return _of_hosts(data_of, by_host)


def incidents_html(by_host: Mapping[str, Any]) -> str:
    """The incidents of many hosts as a page."""
    return _of_hosts(page_of, by_host)


def _of_hosts(show: Callable[[Mapping[str, Any]], Shown], by_host: Mapping[str, Any]) -> Shown:
    try:
        return show(by_host)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"This filter needs what incident_info returned on each host, by host; {error} is missing."
        raise AnsibleFilterError(message) from error


class FilterModule:
    """Called by Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        return {
            "incident_text": incident_text,
            "incidents_table": incidents_table,
            "incidents_data": incidents_data,
            "incidents_html": incidents_html,
        }
