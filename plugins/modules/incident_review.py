#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: incident_review
short_description: Begin a post-incident review, or move it on
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Begins the review of a resolved incident, keeps what people wrote for it, and moves it on.
  - Returns everything that the record tells, which the role C(review) renders.
  - No text is ever lost. Each one is stored after the one before; where two people wrote differently, both stand.
  - A review becomes reviewed only when all that people have to write is written, and closed only when each corrective
    action is ticked. Reviewed and closed are states of the incident itself.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes
  - agentfoundry.incident_response.record
  - agentfoundry.incident_response.record.source
attributes:
  check_mode:
    support: full
    details: In check mode nothing is written; the result says what would be.
  diff_mode:
    support: full
    details: Shows state, reviewer and texts before and after.
options:
  id:
    description: The incident. It has to be resolved.
    type: str
    required: true
  state:
    description: Where the review moves on to. Left out, it stays; a new one is a draft.
    type: str
    choices: [draft, in_review, reviewed, closed]
  written:
    description:
      - What people wrote into the Markdown file, as the filter P(agentfoundry.incident_response.review_written#filter)
        reads it, with C(revision) and C(texts).
    type: dict
    default: {}
  texts:
    description:
      - Texts that are set whatever was there before, for example from an AWX survey, by section.
      - The sections are V(impact), V(timeline), V(root_cause), V(resolution), V(corrective_actions), V(went_well),
        V(improve), V(monitoring) and V(notes).
    type: dict
    default: {}
  reviewer:
    description: Who reviews it.
    type: str
    default: ""
  author:
    description: Who says so. Left out, the O(source).
    type: str
    default: ""
seealso:
  - module: agentfoundry.incident_response.incident_info
"""

EXAMPLES = r"""
- name: Begin the review
  agentfoundry.incident_response.incident_review:
    id: INC-2026-02-27-001
  register: begun

- name: Jane has reviewed it
  agentfoundry.incident_response.incident_review:
    id: INC-2026-02-27-001
    state: reviewed
    reviewer: jane
"""

RETURN = r"""
review:
  description: The incident in full, as M(agentfoundry.incident_response.incident_info) returns it, and its review.
  returned: success
  type: dict
  contains:
    review:
      description: C(state), C(due), C(reviewer), C(texts) and C(revision), which grows with each text.
      type: dict
    recurrence:
      description: C(count) of earlier incidents of the same fault, and the last of them in C(earlier).
      type: dict
    measurements:
      description: What was measured before, when it was opened, and at each look after an action.
      type: list
      elements: dict
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_arguments import (
    run_record_module,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.record_review import (
    REVIEW_SPEC,
    run_review,
)


def main() -> None:
    run_record_module(run_review, REVIEW_SPEC)


if __name__ == "__main__":
    main()
