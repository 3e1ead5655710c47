# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JMESPath expressions that a person wrote, evaluated on what a service answered."""

from __future__ import annotations

from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

try:
    import jmespath
except ImportError:
    # Needed only by those who expect something of an answer: they are told then.
    jmespath = None  # type: ignore[assignment,unused-ignore]

_ERROR_WIDTH = 200


def check_expression(expression: object, option: str) -> None:
    """Fail when it is no JMESPath expression.

    :param option: what the user called it.
    :raises InvalidInputError: names the option and the value.
    :raises IncidentResponseError: the library is not installed on the controller.
    """
    if jmespath is None:
        raise IncidentResponseError(
            f"{option} needs the Python package jmespath, which the controller's Python does not have.",
            remedy="Install it there (pip install jmespath) or leave the expectation out.",
        )
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


def holds(expression: str, answer: Any) -> tuple[bool | None, str]:
    """Whether the expression, which was checked before, is true of the answer.

    :returns: (True or False, "") or, when it does not fit the answer's types or numbers, (None, why).
    """
    try:
        return bool(jmespath.search(expression, answer)), ""
    except (ValueError, TypeError, ArithmeticError) as error:
        # The message quotes the answer, which a service wrote.
        return None, single_line(str(error), _ERROR_WIDTH).rstrip(".")
