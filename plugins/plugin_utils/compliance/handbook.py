# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls as a table of docs/compliance.md; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Control

BEGIN = "<!-- controls: made by scripts/controls from roles/compliance/vars/main.yml -->"
END = "<!-- end of the controls -->"


def with_controls(document: str, controls: Iterable[Control]) -> str:
    """The document with the table of these controls between :data:`BEGIN` and :data:`END`.

    :raises ValueError: it has no such place.
    """
    before, found, rest = document.partition(BEGIN)
    _old, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"The document has no place for the controls: {BEGIN} and {END}.")
    table = "\n".join(_rows(controls))
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _rows(controls: Iterable[Control]) -> Iterator[str]:
    yield "| control | severity | step | what has to be so, and why | how to fix it |"
    yield "| --- | --- | --- | --- | --- |"
    for control in controls:
        heals = f" Playbook: `{control.playbook}`." if control.playbook else ""
        why = f"**{control.title}.** {control.rationale}"
        cells = (f"`{control.id}`", control.severity, control.step, why, f"{control.fix}{heals}")
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
