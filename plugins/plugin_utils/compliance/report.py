# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a compliance run tells, to a person and to machines; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.history import (
    STATUSES,
    Runs,
    changes,
    trend,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import (
    ROLES,
    SEVERITIES,
    Result,
    Verdict,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import Seen
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.version import SCHEMA_VERSION

THRESHOLDS = (*SEVERITIES, "never")
"""From which severity on a failing control fails the run."""


def compliance_report(
    results: Sequence[Result], seen: Seen, *, host: str, at: str, fail_on: str, earlier: Runs, history_error: str = ""
) -> dict[str, Any]:
    """The report.

    :param host: inventory host, :param at: when it was observed (RFC 3339).
    :param fail_on: one of :data:`THRESHOLDS`.
    :param earlier: the runs before this one, the oldest first.
    :param history_error: why they are not known and this run is not kept, or empty.
    :returns: ``schema_version``, ``host``, ``platform``, ``at``, ``passes``, ``failing`` (controls that fail the run),
        ``counts`` (status -> controls), ``results``, ``changes``, ``trend``, ``waivers``, ``roles`` (of remediation,
        that failing controls name), ``history_error`` and ``duration_ms``.
    """
    now = statuses(results)
    failing = [result.control.id for result in results if fails(result, fail_on)]
    return {
        "schema_version": SCHEMA_VERSION,
        "host": host,
        "platform": seen.observed["platform"]["project"],
        "at": at,
        "passes": not failing,
        "fail_on": fail_on,
        "failing": failing,
        "counts": {status: list(now.values()).count(status) for status in STATUSES},
        "results": [result.to_data() for result in results],
        "changes": changes(now, earlier),
        "trend": trend(now, at, earlier),
        "waivers": [waiver.to_data() for waiver in seen.waivers],
        "roles": remediation_roles(results),
        "history_error": history_error,
        "duration_ms": seen.observed["duration_ms"],
    }


def statuses(results: Iterable[Result]) -> dict[str, str]:
    """Control -> status."""
    return {result.control.id: result.verdict.value for result in results}


def fails(result: Result, fail_on: str) -> bool:
    """Whether it fails the run: what could not be told counts like what fails."""
    if fail_on == "never" or not result.verdict.is_bad:
        return False
    return SEVERITIES.index(result.control.severity) <= SEVERITIES.index(fail_on)


def remediation_roles(results: Iterable[Result]) -> list[str]:
    """The roles that failing controls name, each once, in the order of :data:`ROLES`; others after them."""
    named = {result.control.role for result in results if result.verdict is Verdict.FAIL and result.control.role}
    return [*(role for role in ROLES if role in named), *sorted(named - set(ROLES))]


def worst_first(results: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Results as data, the worst status and the highest severity first."""
    return sorted(
        results, key=lambda one: (STATUSES.index(one["status"]), SEVERITIES.index(one["severity"]), one["id"])
    )
