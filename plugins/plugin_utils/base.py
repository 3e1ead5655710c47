# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins share: typed options, and one place that turns an error into a failed result."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line


class Action(ActionBase):  # type: ignore[misc]
    """An action plugin whose :meth:`act` gets validated options and may raise :class:`IncidentResponseError`.

    ``UNREACHABLE_MEANS`` is what a lost connection means for the action, as the beginning of a sentence. When it is
    given, a host that cannot be reached fails the task instead of leaving the play at once, so that the rescue of the
    flow runs and the run ends with a record and a report.
    """

    _requires_connection = False
    SPEC: ClassVar[dict[str, Any]] = {}
    UNREACHABLE_MEANS: ClassVar[str] = ""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Called by Ansible."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            result.update(self.act(self._options(), variables))
        except IncidentResponseError as error:
            result.update(failed=True, msg=str(error))
        except AnsibleConnectionFailure as error:
            if not self.UNREACHABLE_MEANS:
                raise
            result.update(unreachable=True, msg=str(error))
        if self.UNREACHABLE_MEANS and result.pop("unreachable", False):
            # Ansible would try to remove the module's folder on the host, and find it unreachable once more.
            self._connection._shell.tmpdir = None
            result.update(failed=True, msg=self._lost(variables, str(result.get("msg", ""))))
        return result

    def _lost(self, task_vars: dict[str, Any], message: str) -> str:
        host = task_vars.get("inventory_hostname", "the host")
        return single_line(f"{self.UNREACHABLE_MEANS}: {host} cannot be reached any more. {message}").strip()

    def _options(self) -> dict[str, Any]:
        if not self.SPEC:
            return dict(self._task.args)
        _validation, options = self.validate_argument_spec(argument_spec=self.SPEC)
        return dict(options)

    @abstractmethod
    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """The result, as plain data."""
