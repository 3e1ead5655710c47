# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From all findings to one conclusion: who fails, who only suffers, how bad it is. Pure.

The module concludes once; the action plugin does so again when it has added what only the controller can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.condition import circumstances
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    failing_services,
    own_faults,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import judge_severity


def conclude(
    findings: Iterable[Finding],
    graph: DependencyGraph,
    user_facing: Collection[str],
    *,
    engine_answers: bool,
    declared_down: Collection[str] = (),
) -> dict[str, Any]:
    """``failing``, ``root_causes``, ``symptoms`` and ``severity`` as they stand in the result.

    :param declared_down: services that do not run because somebody declared it. They are no trouble themselves, but
        whoever needs them suffers from them and is not to be healed.
    """
    seen = list(findings)
    failing = failing_services(seen)
    down = failing | frozenset(declared_down)
    severity = judge_severity(circumstances(seen, graph, user_facing, engine_answers=engine_answers))
    suffering = graph.symptoms(down, own_faults(seen))
    symptoms = {name: list(causes) for name, causes in suffering.items() if name in failing}
    return {
        "failing": sorted(failing),
        "root_causes": sorted(failing - set(symptoms)),
        "symptoms": symptoms,
        "severity": severity.to_data(),
    }
