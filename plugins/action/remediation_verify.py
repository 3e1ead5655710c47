# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until the platform is healed and stays so, telling a person what is waited for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, ClassVar

from ansible.utils.display import Display

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.measurement import (
    number_of,
    thin,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.verification import (
    StepProgress,
    Verdict,
    Verification,
    advance_step,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.holder import run_is_gone
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observed import identities
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observing import observe

GUARD = "agentfoundry.incident_response.guard"
_LEASE_KEYS = ("state_dir", "platform", "token", "ttl")
_MEASURED = ("id", "service", "status", "value", "limit", "unit")


class ActionModule(Action):
    """``agentfoundry.incident_response.remediation_verify``."""

    _requires_connection = True
    _supports_check_mode = False
    UNREACHABLE_MEANS = "Whether it is healed cannot be told"
    SPEC: ClassVar[dict[str, Any]] = {
        "observe": {"type": "dict", "required": True},
        "services": {"type": "list", "elements": "str", "required": True},
        "later": {"type": "list", "elements": "str", "default": []},
        "stability": {"type": "float", "required": True},
        "deadline": {"type": "float", "required": True},
        "interval": {"type": "float", "default": 2.0},
        "progress_interval": {"type": "float", "default": 10.0},
        "lease": {"type": "dict"},
        "since": {"type": "float"},
        "follow": {"type": "list", "elements": "str", "default": []},
    }
    clock: Callable[[], float] = staticmethod(time.monotonic)
    sleep: Callable[[float], None] = staticmethod(time.sleep)
    run_is_gone: Callable[[], bool] = staticmethod(run_is_gone)

    def act(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Observe again and again until the verdict is healed or failed."""
        _check(options)
        wanted = Verification(tuple(options["services"]), options["stability"], options["deadline"])
        teller = _Teller(options["progress_interval"], str(task_vars.get("inventory_hostname", "")))
        progress = StepProgress.begun(self.clock())
        told_at = progress.step.started
        looks: list[tuple[float, list[dict[str, Any]]]] = []
        # The action may have taken long: the lease is renewed after the first look, not only some time later.
        renewed = -math.inf
        while True:
            observed = observe(self, options["observe"], task_vars)
            if observed.get("failed") or observed.get("unreachable"):
                return _broken("Whether it is healed cannot be observed", observed)
            now = self.clock()
            findings = [Finding.from_data(data) for data in observed["findings"]]
            looks.append((now, _measured(observed["findings"], options["follow"])))
            containers = identities(observed["services"])
            progress = advance_step(wanted, options["later"], progress, now, findings, containers)
            if progress.is_over:
                return _result(progress, observed, options, now, looks)
            told_at = teller.tell(progress, now, told_at)
            if options["lease"] and now - renewed >= float(options["lease"]["ttl"]) / 3:
                refused = self._renew(options["lease"], task_vars)
                if refused is not None:
                    return refused
                renewed = now
            self.sleep(options["interval"])
            if self.run_is_gone():
                # It would go on to renew a lease that nobody holds any more.
                return {"failed": True, "msg": "The run that this verification belongs to was ended."}

    def _renew(self, lease: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any] | None:
        """Keep the lease; None when it was kept, else the failed result."""
        arguments = {
            "phase": "renew",
            "state_dir": lease["state_dir"],
            "platform": lease["platform"],
            "token": lease["token"],
            "lease_ttl": lease["ttl"],
        }
        result: dict[str, Any] = self._execute_module(module_name=GUARD, module_args=arguments, task_vars=task_vars)
        if result.get("failed") or result.get("unreachable"):
            return _broken("The lease cannot be renewed", result)
        if result.get("refused"):
            refused = result["refused"]
            return {"failed": True, "msg": f"{refused['message']} {refused['remedy']}"}
        return None


def _check(options: dict[str, Any]) -> None:
    """:raises InvalidInputError: an option with which the verification would say 'healed' of nothing, or never end."""
    if not options["services"]:
        raise InvalidInputError("services", options["services"], remedy="Name the services that must be healed.")
    for name, least in (("stability", 0.0), ("deadline", 0.0), ("interval", 0.1), ("progress_interval", 0.0)):
        if not (math.isfinite(options[name]) and options[name] >= least):
            raise InvalidInputError(name, options[name], remedy=f"Give a number of seconds, at least {least:g}.")
    missing = [key for key in _LEASE_KEYS if options["lease"] and key not in options["lease"]]
    if missing:
        # The lease is not shown: its token is what gives the right to act.
        raise IncidentResponseError(f"lease has no {missing[0]}.", remedy=f"It needs {', '.join(_LEASE_KEYS)}.")


def _broken(what: str, result: dict[str, Any]) -> dict[str, Any]:
    """The failed result in place of one that another module gave."""
    message = single_line(f"{what}: {result.get('msg') or 'the module gave no reason.'}")
    return {"failed": True, "unreachable": bool(result.get("unreachable")), "msg": message}


class _Teller:
    """Says what is waited for: when it changes, and at least every so many seconds."""

    def __init__(self, interval: float, host: str) -> None:
        self._interval = interval
        self._host = host
        self._last = ""
        self._display = Display()

    def tell(self, progress: StepProgress, now: float, told_at: float) -> float:
        """Clock reading (s) of the last message."""
        step = progress.step
        kind = step.message if step.verdict is Verdict.WAITING else step.verdict.value
        if kind == self._last and now - told_at < self._interval:
            return told_at
        self._last = kind
        waited = now - step.started
        self._display.display(single_line(f"  ... [{self._host}] {waited:.0f} s: {progress.message}"))
        return now


def _measured(findings: list[dict[str, Any]], follow: list[str]) -> list[dict[str, Any]]:
    """What was measured of the findings that are followed, without the words: the curve that a review shows."""
    return [
        {name: finding[name] for name in _MEASURED}
        for finding in findings
        if finding["id"] in follow
        if number_of(finding.get("value")) is not None or number_of(finding.get("limit")) is not None
    ]


def _result(
    progress: StepProgress,
    observed: dict[str, Any],
    options: dict[str, Any],
    now: float,
    looks: list[tuple[float, list[dict[str, Any]]]],
) -> dict[str, Any]:
    step = progress.step
    since = options["since"] if options["since"] is not None else step.started
    return {
        "changed": False,
        "healed": step.verdict is Verdict.HEALED,
        "message": progress.message,
        "restored_after": round(step.stable_since - since, 2) if step.stable_since is not None else None,
        "stable_for": round(now - step.stable_since, 2) if step.stable_since is not None else None,
        "waited": round(now - step.started, 2),
        "looks": [{"ago": round(now - at, 2), "findings": seen} for at, seen in thin(looks)],
        "observed": observed,
    }
