# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: a survey of AWX from the options of this collection's roles and modules."""

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_survey
short_description: A survey of AWX from the options of roles and modules
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - Types, choices and defaults of the questions are those of the options, so that they cannot drift apart.
options:
  _terms:
    description:
      - The questions. Each is the name of an option, or a mapping with C(option) and what the option does not say,
        C(variable), C(name), C(required), C(default), C(min), C(max), C(multiline), and C(ladders), options whose
        destructive actions are the choices.
      - An option of a module is C(module.option).
    type: list
    elements: raw
  title:
    description: Name of the survey.
    type: str
    required: true
  roles:
    description: The roles of this collection whose options are asked for.
    type: list
    elements: str
    default: []
  modules:
    description: The modules of this collection whose options are asked for.
    type: list
    elements: str
    default: []
  leave_out:
    description: Variables that are not asked for.
    type: list
    elements: str
    default: []
    vars:
      - name: awx_questions_left_out
"""

EXAMPLES = r"""
- name: A job template that asks from which status on the health check fails
  awx.awx.job_template:
    name: Health check
    survey_enabled: true
    survey_spec: >-
      {{ lookup('agentfoundry.incident_response.awx_survey', 'health_check_fail_on', title='Health check',
                roles=['health_check']) }}
"""

RETURN = r"""
_raw:
  description: The survey as the API of AWX takes it, in a list; an empty mapping when nothing is asked.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.option_specs import (
    options_of_modules,
    options_of_roles,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.survey import survey_spec


class LookupModule(LookupBase):  # type: ignore[misc]
    """``agentfoundry.incident_response.awx_survey``."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Return the survey."""
        self.set_options(var_options=variables, direct=kwargs)
        try:
            options = {
                **options_of_roles(self.get_option("roles")),
                **options_of_modules(self.get_option("modules")),
            }
            survey = survey_spec(self.get_option("title"), terms, options, self.get_option("roles"))
        except IncidentResponseError as error:
            raise AnsibleLookupError(str(error)) from error
        left_out = set(self.get_option("leave_out"))
        asked = [question for question in survey.get("spec", []) if question["variable"] not in left_out]
        return [{**survey, "spec": asked} if asked else {}]
