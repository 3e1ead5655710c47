# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the lease lasts while a step is carried out: nothing renews it until that is verified."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from checkout import ROOT


@pytest.mark.parametrize(
    "parameters, seconds",
    [
        ({}, 120.0),
        ({"stop_timeout": 60}, 180.0),
        ({"build_deadline": 600.0}, 720.0),
        ({"lasts": 300}, 420.0),
        ({"at_most": 10}, 120.0),
    ],
)
def test_the_lease_outlasts_what_the_step_may_take(parameters: dict[str, Any], seconds: float) -> None:
    file = ROOT / "roles" / "remediation" / "tasks" / "climb.yml"
    loader = DataLoader()
    (permit,) = (
        task["agentfoundry.incident_response.guard"]
        for task in loader.load_from_file(str(file), cache="none", trusted_as_template=True)
        if "agentfoundry.incident_response.guard" in task
    )
    given = {
        "remediation_lease_ttl": 120,
        "__remediation_diagnosis": {"next_step": {"parameters": parameters}},
    }

    assert float(Templar(loader=loader, variables=given).template(permit["lease_ttl"])) == seconds
