# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One observation made from an action plugin: the module on the target, then the expectations on the controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, worst_first
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import (
    SAMPLE_KEY as KNOWN_GOOD_KEY,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.conclusion import conclude
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.expectations import (
    check_expressions,
    judge_expectations,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observed import declared_down, graph_of

MODULE = "agentfoundry.incident_response.platform_info"


class ModuleRunner(Protocol):
    """What an action plugin offers to run a module on its host."""

    def _execute_module(
        self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]: ...


def observe(action: ModuleRunner, arguments: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
    """Run ``platform_info`` and add what only the controller can judge.

    :returns: the module's result, also when it failed or the host is unreachable.
    :raises InvalidInputError: an expectation is not JMESPath; raised before anything runs.
    """
    services = arguments.get("services") or {}
    check_expressions(services)
    result = action._execute_module(module_name=MODULE, module_args=dict(arguments), task_vars=task_vars)
    if result.get("failed") or result.get("unreachable"):
        return result
    return with_expectations(result, services)


def with_expectations(result: dict[str, Any], services: Mapping[str, Any]) -> dict[str, Any]:
    """The result with one more finding per expectation, and the conclusions drawn anew when there is one."""
    seen = [Finding.from_data(data) for data in result["findings"]]
    added = judge_expectations(services, result["services"], seen)
    if not added:
        return result
    findings = worst_first([*seen, *added])
    services_seen = result["services"]
    conclusion = conclude(
        findings,
        graph_of(services_seen),
        [name for name, facts in services_seen.items() if facts["user_facing"]],
        engine_answers=result["engine"]["answers"],
        declared_down=declared_down(services_seen),
    )
    return {
        **result,
        "samples": _without_doubtful(result.get("samples", {}), added),
        "findings": [finding.to_data() for finding in findings],
        **conclusion,
    }


def _without_doubtful(samples: Mapping[str, Any], added: Sequence[Finding]) -> dict[str, Any]:
    """The samples, but no image kept as good of a service that does not answer what is expected of it."""
    doubtful = {finding.service for finding in added if finding.is_trouble}
    return {
        service: {name: value for name, value in values.items() if service not in doubtful or name != KNOWN_GOOD_KEY}
        for service, values in samples.items()
    }
