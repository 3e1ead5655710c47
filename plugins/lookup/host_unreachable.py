# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: what the controller's own record tells of a host that could not be reached."""

from __future__ import annotations

DOCUMENTATION = r"""
name: host_unreachable
short_description: Incidents of a host that could not be reached, from the controller's record
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Such an incident cannot be in the host's own record, so it is in that of the controller.
  - Read in the process of the playbook, so that a run on a healthy host pays for no module call.
  - Leaves no trace. A record that does not exist, or that the user of the playbook cannot see, holds none.
options:
  _terms:
    description: Folder of the controller's record.
    type: list
    elements: str
    required: true
  host:
    description: The inventory's name of the host.
    type: str
    required: true
    vars:
      - name: inventory_hostname
  id:
    description: Only this incident.
    type: str
    default: ""
  open_only:
    description: Only incidents that are not resolved.
    type: bool
    default: false
  review_due:
    description: Only incidents that are resolved and wait for their review. O(open_only) is left alone then.
    type: bool
    default: false
seealso:
  - plugin: agentfoundry.incident_response.incident_info
    plugin_type: module
"""

EXAMPLES = r"""
- name: Is there an open incident that says that this host cannot be reached?
  ansible.builtin.debug:
    msg: >-
      {{ query('agentfoundry.incident_response.host_unreachable', '/var/lib/incident_response', open_only=true)
         | map(attribute='id') }}
"""

RETURN = r"""
_raw:
  description: The incidents, the newest first, each as M(agentfoundry.incident_response.incident_info) returns it.
  type: list
  elements: dict
"""

import os
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    ACTIVE,
    UNREACHABLE_SCENARIO,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.directory import DATABASE
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents


class LookupModule(LookupBase):  # type: ignore[misc]
    """``agentfoundry.incident_response.host_unreachable``."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Return the incidents of all the folders."""
        self.set_options(var_options=variables, direct=kwargs)
        query = Query(
            platform=self.get_option("host"),
            scenario=UNREACHABLE_SCENARIO,
            states=ACTIVE if self.get_option("open_only") else (),
            awaits_review=self.get_option("review_due"),
            limit=-1,
        )
        wanted = self.get_option("id")
        try:
            found = [incident for folder in terms for incident in _read(str(folder), query)]
        except IncidentResponseError as error:
            raise AnsibleLookupError(str(error)) from error
        return [incident for incident in found if wanted in ("", incident["id"])]


def _read(folder: str, query: Query) -> list[dict[str, Any]]:
    # Not to be seen counts as not there: the platform's record of root on this machine is no concern of a plain user.
    return find_incidents(folder, query) if os.path.exists(os.path.join(folder, DATABASE)) else []
