# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer must say: JMESPath expressions of the inventory, evaluated on the controller.

The targets need no jmespath; their modules return the redacted body, and this judges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jmespath
import jmespath.exceptions

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.expectation import (
    judge_expectation,
)

_ERROR_WIDTH = 200
_EXPECTATIONS: tuple[tuple[tuple[str, ...], tuple[str, ...], str, str], ...] = (
    # path of the expression in the inventory, path of the answer in the observation, finding id, playbook step
    (("health", "expect"), ("health", "body"), "http.expectation", "SC-4"),
    (("model_server", "canary", "expect"), ("model_server", "canary", "answer"), "model_server.answer", "MS-1"),
)


def check_expressions(services: object) -> None:
    """Fail before anything runs when an expression is not JMESPath. Any other fault is left for the module to name.

    :raises InvalidInputError: names the option, for example ``services.api-gateway.health.expect``.
    """
    if not isinstance(services, Mapping):
        return
    for service, settings in services.items():
        for path, _answer, _finding, _step in _EXPECTATIONS:
            expression = _at(settings, path)
            if expression is not None:
                _compile(expression, f"services.{service}.{'.'.join(path)}")


def judge_expectations(services: Mapping[str, Any], observed: Mapping[str, Any]) -> list[Finding]:
    """One finding per expression whose answer was seen.

    A service that gave no answer has a finding of its own for that already; it is not judged a second time here.

    :param services: the inventory's refinement of the services.
    :param observed: the ``services`` of a ``platform_info`` result.
    """
    findings = []
    for service, settings in sorted(services.items()):
        for path, answer_path, finding_id, step in _EXPECTATIONS:
            expression = _at(settings, path)
            answer = _at(observed.get(service, {}), answer_path)
            if expression is None or answer is None:
                continue
            matched, error = _evaluate(expression, answer)
            findings.append(judge_expectation(service, expression, matched, error, finding_id=finding_id, step=step))
    return findings


def _evaluate(expression: str, answer: Any) -> tuple[bool | None, str]:
    try:
        return bool(jmespath.search(expression, answer)), ""
    except (ValueError, TypeError, ArithmeticError) as error:
        # The expression is sound (it was compiled before); it does not fit this answer's types or numbers. The message
        # quotes the answer, which a service wrote.
        return None, single_line(str(error), _ERROR_WIDTH)


def _compile(expression: object, option: str) -> None:
    wrong = InvalidInputError(option, expression, remedy="Give a JMESPath expression such as \"status == 'ok'\".")
    if not isinstance(expression, str):
        raise wrong
    try:
        # A name of no function and a wrong number of arguments show only when it is evaluated.
        jmespath.compile(expression).search(None)
    except jmespath.exceptions.JMESPathTypeError:
        return
    except jmespath.exceptions.JMESPathError:
        raise wrong from None


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data
