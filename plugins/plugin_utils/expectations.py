# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer must say: JMESPath expressions of the inventory, evaluated on the controller.

The targets need no jmespath; their modules return the redacted body, and this judges it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.expectation import (
    judge_expectation,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.expression import check_expression, holds

_UNREADABLE = "its answer is too long, or broken JSON"


@dataclass(frozen=True)
class _Expectation:
    """Where an expectation is said, and where the answer to it is found.

    :param option: path of the expression in the inventory's refinement of a service.
    :param probe: path of what the probe returned: ``http_status`` and ``text`` beside the answer.
    :param answer: key of the answer there.
    :param answered: id of the finding that says whether there was a good answer at all.
    :param finding: id of the finding about the expectation.
    :param step: the playbook's step.
    """

    option: tuple[str, ...]
    probe: tuple[str, ...]
    answer: str
    answered: str
    finding: str
    step: str


_EXPECTATIONS = (
    _Expectation(("health", "expect"), ("health",), "body", "http.health", "http.expectation", "SC-4"),
    _Expectation(
        ("model_server", "canary", "expect"),
        ("model_server", "canary"),
        "answer",
        "model_server.canary",
        "model_server.answer",
        "MS-1",
    ),
)


def check_expressions(services: object) -> None:
    """Fail before anything runs when an expression is not JMESPath. Any other fault is left for the module to name.

    :raises InvalidInputError: names the option, for example ``services.api-gateway.health.expect``.
    """
    if not isinstance(services, Mapping):
        return
    for service, settings in services.items():
        for wanted in _EXPECTATIONS:
            expression = _at(settings, wanted.option)
            if expression is not None:
                check_expression(expression, f"services.{service}.{'.'.join(wanted.option)}")


def judge_expectations(
    services: Mapping[str, Any], observed: Mapping[str, Any], findings: Iterable[Finding]
) -> list[Finding]:
    """One finding per expression whose answer was seen.

    A service that gave no good answer has a finding of its own for that already: it is not judged a second time. One
    that is declared to be left alone is not judged either.

    :param services: the inventory's refinement of the services.
    :param observed: the ``services`` of a ``platform_info`` result.
    :param findings: those of the result.
    """
    in_trouble = {finding.key for finding in findings if finding.is_trouble}
    judged = []
    for service, settings in sorted(services.items()):
        seen = observed.get(service, {})
        for wanted in _EXPECTATIONS:
            expression, probe = _at(settings, wanted.option), _at(seen, wanted.probe)
            if expression is None or not probe or seen["declared"] or (wanted.answered, service) in in_trouble:
                continue
            if probe["http_status"] is not None:
                judged.append(_judge(service, wanted, expression, probe))
    return judged


def _judge(service: str, wanted: _Expectation, expression: str, probe: Mapping[str, Any]) -> Finding:
    answer = probe[wanted.answer]
    matched, error = holds(expression, answer) if answer is not None else (None, "")
    if answer is None and str(probe["text"]).lstrip().startswith(("{", "[")):
        error = _UNREADABLE
    return judge_expectation(service, expression, matched, error, finding_id=wanted.finding, step=wanted.step)


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data
