# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compliance run as a table for a person: text lines with a style each; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.report import Line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.report import worst_first

_STYLES = {"pass": "good", "fail": "bad", "unknown": "warn", "waived": "warn", "not_applicable": ""}
_WORDS = {"not_applicable": "n/a"}
_WIDEST = 110
SHOWN = ("all", "problems", "none")


def compliance_table(report: Mapping[str, Any], show: str = "all") -> list[Line]:
    """The table, the worst at its end, where the eye is; then what is to be done, and what changed.

    :param show: one of :data:`SHOWN`; ``problems`` leaves out what passes or does not apply.
    """
    if show == "none":
        return []
    results = list(reversed(worst_first(report["results"])))
    shown = [one for one in results if show == "all" or one["status"] not in ("pass", "not_applicable")]
    lines = [Line(f"Compliance: {report['platform'] or 'no platform'} on {report['host']}", "title")]
    width = max((len(one["id"]) for one in shown), default=0)
    lines += [Line(_row(one, width), _STYLES[one["status"]]) for one in shown]
    lines += [*_fixes(report), *_changes(report), *_conclusion(report)]
    # What a service says of itself must not steer a terminal.
    return [Line(_clean(line.text), line.style) for line in lines]


def _clean(text: str) -> str:
    return single_line(text, 2 * _WIDEST)


def _row(result: Mapping[str, Any], width: int) -> str:
    status = _WORDS.get(result["status"], result["status"])
    waiver = result["waiver"]
    said = single_line(result["message"], _WIDEST)
    if result["status"] == "waived":
        said = f"{said} Waived by {waiver['owner']} until {waiver['expires']}: {waiver['reason']}"
    elif waiver:
        said = f"{said} The waiver of {waiver['owner']} expired on {waiver['expires']}."
    return f"  {status:<7}  {result['severity']:<8}  {result['id']:<{width}}  {said} ({result['step']})"


def _fixes(report: Mapping[str, Any]) -> Iterator[Line]:
    failing = [one for one in worst_first(report["results"]) if one["status"] == "fail"]
    if failing:
        yield Line("  To do:")
    for one in failing:
        playbook = f" ansible-playbook playbooks/{one['playbook']}.yml" if one["playbook"] else ""
        yield Line(f"    {one['id']}: {one['fix']}{playbook}")


def _changes(report: Mapping[str, Any]) -> Iterator[Line]:
    changed = report["changes"]
    if report["history_error"]:
        yield Line(f"  this run is not kept: {report['history_error']}", "warn")
    if changed["since"] is None:
        return
    news = [
        Line(f"  {words} since {changed['since']}: {', '.join(changed[key])}", style)
        for key, words, style in (
            ("newly_failing", "newly failing", "bad"),
            ("newly_unknown", "cannot be told any more", "warn"),
            ("fixed", "fixed", "good"),
        )
        if changed[key]
    ]
    yield from news or [Line(f"  nothing changed since {changed['since']}")]


def _conclusion(report: Mapping[str, Any]) -> Iterator[Line]:
    counts = ", ".join(f"{count} {_WORDS.get(status, status)}" for status, count in report["counts"].items() if count)
    seconds = report["duration_ms"] / 1000
    word = "compliant" if report["passes"] else "not compliant"
    yield Line(f"  {word}: {counts}; observed in {seconds:.1f} s", "good" if report["passes"] else "bad")
