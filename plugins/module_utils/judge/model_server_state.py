# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-3 to MS-5: is the server still loading, does it start over and over, and what holds it back?"""

from __future__ import annotations

import re

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    ModelServerFacts,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Resources
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_LOADING = re.compile(r"\b(?:is )?(?:still )?loading\b|\bwarming[ _-]?up\b|\binitiali[sz]ing\b", re.I)
_SETTLED = 10.0
"""Seconds after which the engine takes a start for a success and forgets its growing pause (docker run, --restart)."""

_GPU_MEMORY_PERCENT = 98.0
_EXIT_CODES = {
    65: "bad data (EX_DATAERR)",
    70: "internal error",
    78: "bad configuration",
    137: "SIGKILL",
    139: "SIGSEGV",
}
"""sysexits.h, and 128 + signal(7)."""


def says_loading(facts: ModelServerFacts) -> bool:
    """True when the server itself says so, by an answer that is no success or, while it does not listen, by its log."""
    if not facts.runs or facts.canary.succeeded:
        return False
    ready, canary = facts.readiness, facts.canary
    refused = canary.outcome is Outcome.REFUSED or (not canary.was_tried and ready.failure == "refused")
    if refused:
        return facts.hints.loading
    told = [ready.text if ready.body is None else str(ready.body)] if (ready.status or 0) >= 400 else []
    if canary.outcome is Outcome.ANSWERED:
        told.append(canary.text if canary.answer is None else str(canary.answer))
    return any(_LOADING.search(text[:2000]) for text in told)


def excuse(facts: ModelServerFacts, load_deadline: float, thresholds: Thresholds) -> str:
    """Why a missing answer is no fault yet, as the end of a sentence; empty when there is no excuse.

    :param load_deadline: seconds that loading may take.
    """
    age = facts.age if facts.age is not None else 0.0
    if says_loading(facts) and age <= max(load_deadline, facts.start_period):
        return "it is still loading its model"
    if facts.runs and age < max(facts.start_period, thresholds.start_grace_s):
        return f"it was started only {age:.0f} s ago"
    return ""


def judge_loading(facts: ModelServerFacts, load_deadline: float) -> Finding:
    """``model_server.loading``: a warning while the server is young, critical after the limit; value and limit in s."""
    limit = max(load_deadline, facts.start_period)
    if not says_loading(facts):
        return _finding("loading", facts, Status.OK, f"{facts.service} does not say that it is loading.", "MS-3")
    age = facts.age or 0.0
    late = age > limit
    text = f"{facts.service} has been loading its model for {age:.0f} s" + (
        f", longer than {limit:.0f} s." if late else f" (up to {limit:.0f} s are granted)."
    )
    return Finding(
        "model_server.loading",
        facts.service,
        Status.CRITICAL if late else Status.WARNING,
        text,
        value=round(age, 1),
        limit=limit,
        unit="s",
        step="MS-3",
    )


def judge_crash_loop(facts: ModelServerFacts, thresholds: Thresholds) -> Finding:
    """``model_server.crash_loop``: it ends soon after each start; the reason is the log's."""
    age = facts.age if facts.runs and facts.age is not None else float("inf")
    often = facts.restart_count >= thresholds.restart_count and age < thresholds.crash_loop_window_s
    again = facts.restart_count > 1 and age < _SETTLED
    if facts.state != "restarting" and not ((often or again) and not facts.canary.succeeded):
        return _finding("crash_loop", facts, Status.OK, f"{facts.service} does not start over and over.", "MS-3")
    code = f"exit code {facts.exit_code}"
    if facts.exit_code in _EXIT_CODES:
        code += f", {_EXIT_CODES[facts.exit_code]}"
    reason = f": {facts.hints.reason}" if facts.hints.reason else ", and its log gives no reason"
    return Finding(
        "model_server.crash_loop",
        facts.service,
        # One end may be an accident.
        Status.CRITICAL if facts.restart_count > 1 else Status.WARNING,
        f"{facts.service} ends soon after each start ({code}, restarted {facts.restart_count} times){reason}",
        value=facts.restart_count,
        limit=thresholds.restart_count,
        unit="1",
        evidence=(f"{facts.hints.reason_class}: {facts.hints.reason}",) if facts.hints.reason else (),
        step="MS-3",
    )


def judge_limits(facts: ModelServerFacts, resources: Resources, thresholds: Thresholds) -> list[Finding]:
    """``model_server.cpu_throttled``, ``model_server.memory`` and ``model_server.devices``."""
    if not facts.runs:
        return []
    return [
        _judge_cpu(facts, resources, thresholds),
        _judge_memory(facts, resources, thresholds),
        _judge_devices(facts),
    ]


def _judge_cpu(facts: ModelServerFacts, resources: Resources, thresholds: Thresholds) -> Finding:
    if not resources.available:
        return _unreadable("cpu_throttled", facts, resources)
    share, limit = resources.throttled_percent, thresholds.throttled_percent
    if share is None:
        return _finding("cpu_throttled", facts, Status.OK, f"The CPU of {facts.service} is not limited.", "MS-5")
    bad = share > limit
    text = f"The CPU quota held {facts.service} back in {share:.0f} % of its periods" + (
        f", more than {limit:.0f} %." if bad else "."
    )
    status = Status.WARNING if bad else Status.OK
    return Finding(
        "model_server.cpu_throttled", facts.service, status, text, round(share, 1), limit, unit="%", step="MS-5"
    )


def _judge_memory(facts: ModelServerFacts, resources: Resources, thresholds: Thresholds) -> Finding:
    if not resources.available:
        return _unreadable("memory", facts, resources)
    kills = resources.oom_kills or 0
    if kills:
        status = Status.WARNING if facts.canary.succeeded else Status.CRITICAL
        text = f"The kernel ended {kills} processes of {facts.service} for lack of memory."
        return Finding("model_server.memory", facts.service, status, text, kills, 0, unit="1", step="MS-5")
    share, limit = resources.memory_percent, thresholds.memory_percent
    if share is None:
        return _finding("memory", facts, Status.OK, f"The memory of {facts.service} is not limited.", "MS-5")
    bad = share > limit
    text = f"{facts.service} uses {share:.0f} % of its memory limit" + (f", more than {limit:.0f} %." if bad else ".")
    status = Status.WARNING if bad else Status.OK
    return Finding("model_server.memory", facts.service, status, text, round(share, 1), limit, unit="%", step="MS-5")


def _judge_devices(facts: ModelServerFacts) -> Finding:
    devices = facts.devices
    if not devices.requested and not devices.gpus:  # also when there is no nvidia-smi to look with
        return _finding(
            "devices", facts, Status.OK, f"{facts.service} was given no device and runs on the CPU.", "MS-5"
        )
    wanted = ", ".join(devices.requested) or "no request"
    if devices.error and not devices.gpus:
        text = f"{facts.service} was given devices ({wanted}), but they cannot be seen: {devices.error}."
        return _finding("devices", facts, Status.WARNING, text, "MS-5")
    if devices.looked and not devices.gpus:
        text = f"{facts.service} was given devices ({wanted}), but nvidia-smi shows none."
        return _finding("devices", facts, Status.CRITICAL, text, "MS-5")
    full = [
        gpu
        for gpu in devices.gpus
        if gpu.memory_total_mib and (gpu.memory_used_mib or 0) > gpu.memory_total_mib * _GPU_MEMORY_PERCENT / 100
    ]
    if full:
        gpu = full[0]
        text = f"The memory of GPU {gpu.index} is full: {gpu.memory_used_mib:.0f} of {gpu.memory_total_mib:.0f} MiB."
        return _finding("devices", facts, Status.WARNING, text, "MS-5")
    seen = f"; nvidia-smi shows {len(devices.gpus)}" if devices.gpus else ""
    return _finding("devices", facts, Status.OK, f"{facts.service} was given devices ({wanted}){seen}.", "MS-5")


def _unreadable(what: str, facts: ModelServerFacts, resources: Resources) -> Finding:
    text = f"The control group of {facts.service} cannot be read: {resources.reason or 'not available'}."
    return _finding(what, facts, Status.NOT_CONFIGURED, text, "MS-5")


def _finding(what: str, facts: ModelServerFacts, status: Status, text: str, step: str) -> Finding:
    return Finding(f"model_server.{what}", facts.service, status, text, step=step)
