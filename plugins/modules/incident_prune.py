#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: incident_prune
short_description: Export old incidents, then remove them from the record
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Writes old incidents to a file of JSON lines, all that the record holds of each, and removes them when the disk has
    the file.
  - An incident stays when it is not resolved, when it is a P1 or P2 that is not reviewed, when a review of it was begun
    and is not reviewed, when it changed within O(older_than), when a message about it waits to be sent, and when the
    last action of the host belongs to it.
  - Killed at any moment, nothing is lost. The next run goes on.
  - Ids of removed incidents are never given again. The record's file does not shrink; its room is used again.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
attributes:
  check_mode:
    support: full
    details: In check mode nothing is written; the result says what would leave.
  diff_mode:
    support: none
    details: The result names each incident that left.
options:
  older_than:
    description: Days since an incident was resolved, reviewed or closed, whichever was last.
    type: float
    default: 365
  export_dir:
    description:
      - Folder on the host for the files. It is made with mode V(0700) when its parent is there.
      - Left out, C(exports) in O(state_dir).
    type: path
seealso:
  - module: agentfoundry.incident_response.incident_info
"""

EXAMPLES = r"""
- name: Keep two years
  agentfoundry.incident_response.incident_prune:
    older_than: 730
  register: pruned

- name: Bring the files to the controller
  ansible.builtin.fetch:
    src: "{{ item }}"
    dest: incidents/
  loop: "{{ pruned.exports }}"
"""

RETURN = r"""
pruned:
  description: Ids of the incidents that left.
  returned: success
  type: list
  elements: str
exports:
  description: Files on the host that hold them.
  returned: success
  type: list
  elements: str
kept:
  description: How many old incidents stay, by reason.
  returned: success
  type: dict
  sample: {not reviewed: 2}
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_retention import (
    PRUNE_SPEC,
    run_prune,
)


def main() -> None:
    run_record_module(run_prune, PRUNE_SPEC)


if __name__ == "__main__":
    main()
