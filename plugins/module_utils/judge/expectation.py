# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a health answer say what the inventory expects? The expression is evaluated on the controller. Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status


def judge_expectation(
    service: str,
    expression: str,
    matched: bool | None,
    error: str = "",
    *,
    finding_id: str = "http.expectation",
    step: str = "SC-4",
) -> Finding:
    """The finding about one expectation.

    :param expression: the JMESPath expression of the inventory.
    :param matched: whether it is true of the answer; None when there is no answer to hold against it.
    :param error: why it could not be evaluated, or an empty string.
    """
    if error:
        message = f"What {service} should answer ({expression}) could not be evaluated: {error}."
        return Finding(finding_id, service, Status.UNKNOWN, message, step=step)
    if matched is None:
        message = f"{service} gave no answer that could be held against what it should say ({expression})."
        return Finding(finding_id, service, Status.CRITICAL, message, step=step)
    if not matched:
        message = f"{service}'s answer is not as expected: {expression} does not hold."
        return Finding(finding_id, service, Status.CRITICAL, message, step=step)
    return Finding(finding_id, service, Status.OK, f"{service}'s answer is as expected ({expression}).", step=step)
