# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins share: typed options, and one place that turns an error into a failed result."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError


class Action(ActionBase):  # type: ignore[misc]
    """An action plugin whose :meth:`act` gets validated options and may raise :class:`IncidentResponseError`."""

    _requires_connection = False
    SPEC: ClassVar[dict[str, Any]] = {}

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Called by Ansible."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            options = self._options()
            result.update(self.act(options, task_vars or {}))
        except IncidentResponseError as error:
            result.update(failed=True, msg=str(error))
        return result

    def _options(self) -> dict[str, Any]:
        if not self.SPEC:
            return dict(self._task.args)
        _validation, options = self.validate_argument_spec(argument_spec=self.SPEC)
        return dict(options)

    @abstractmethod
    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result, as plain data."""
