# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives a broker the memory limit back that its configuration asks for, when somebody has set another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError

_TOLERANCE = 0.01


class LimitControl(Protocol):
    """What is asked of the broker; ``adapters.rabbitmq_ctl.RabbitmqCtl`` is the real one."""

    def configured_limit(self, *, deadline: float) -> tuple[str, int | None]:
        """The configuration's limit, in words and in bytes."""

    def present_limit(self, *, deadline: float) -> int | None:
        """The limit that holds now, in bytes."""

    def set_limit(self, words: str, *, deadline: float) -> str:
        """Set it; what went wrong, or an empty string."""


@dataclass(frozen=True)
class LimitOutcome:
    """Limits in bytes.

    :param changed: True when it was set, or under check mode would be.
    """

    before: int
    after: int
    changed: bool

    def to_result(self, service: str, *, diff: bool = False) -> dict[str, Any]:
        """The module's result."""
        actions = [{"what": "memory limit", "id": service, "status": "restored"}] if self.changed else []
        result: dict[str, Any] = {
            "changed": self.changed,
            "actions": actions,
            "before": self.before,
            "after": self.after,
        }
        if diff:
            result["diff"] = {"before": f"{self.before}\n", "after": f"{self.after}\n"}
        return result


def restore_limit(control: LimitControl, *, check_mode: bool, deadline: float = 10.0) -> LimitOutcome:
    """Set the configured limit where another one holds.

    :param deadline: seconds for each question.
    :raises CommandFailedError: it cannot be told or cannot be set.
    """
    words, wanted = control.configured_limit(deadline=deadline)
    before = control.present_limit(deadline=deadline)
    if wanted is None or before is None:
        raise CommandFailedError(
            "The broker does not tell its memory limit, or what its configuration asks for.",
            remedy="Look at 'rabbitmqctl status' and 'rabbitmqctl environment'.",
        )
    if abs(wanted - before) <= _TOLERANCE * wanted:
        return LimitOutcome(before, before, changed=False)
    if check_mode:
        return LimitOutcome(before, wanted, changed=True)
    error = control.set_limit(words, deadline=deadline)
    if error:
        raise CommandFailedError("The broker refused the memory limit of its own configuration.", remedy=error)
    after = control.present_limit(deadline=deadline)
    return LimitOutcome(before, wanted if after is None else after, changed=True)
