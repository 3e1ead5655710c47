# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state_dir:
    description:
      - Directory on the target that holds the record, one SQLite file for locks and incidents.
      - It is made with mode V(0700) when it is missing and its parent is there. An existing one must belong to root or
        to the user that runs the module. It may be writable for a group, which an administrator prepares, for example
        with C(install -d -m 2770 -g docker), but never for everybody. It must not be a symbolic link.
      - When it cannot be used the module fails. No other place is ever used instead.
    type: path
    default: /var/lib/incident_response
"""

    NAMED_PLATFORM = r"""
options:
  platform:
    description: The platform, which is the name of its Compose project.
    type: str
    required: true
"""

    SOURCE = r"""
options:
  source:
    description: What started the run.
    type: str
    choices: [person, awx, alert, schedule]
    default: person
  source_detail:
    description: More about it in free words, such as the number of the AWX job.
    type: str
    default: ""
"""
