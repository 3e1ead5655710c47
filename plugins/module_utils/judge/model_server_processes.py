# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-2: do the model server's processes run, and does a hang leave a trace in their states?"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    ModelServerFacts,
    Outcome,
    Process,
)

_STOPPED = "Tt"
_SHOWN = 10


def judge_processes(facts: ModelServerFacts, *, excused: bool) -> list[Finding]:
    """The states of its processes, and ``model_server.held`` when these do not explain a hang.

    Stopped processes are ``model_server.process_stopped``: nothing but an act sets them going again, however young the
    server is. All other states are ``model_server.process_state``.

    States by ps(1), "PROCESS STATE CODES".

    :param excused: True when a missing answer is no fault yet.
    """
    if not facts.runs:
        return []
    state = _judge_states(facts)
    findings = [state]
    if facts.canary.was_tried:
        findings.append(_judge_held(facts, explained=excused or state.status is Status.CRITICAL))
    return findings


def _judge_states(facts: ModelServerFacts) -> Finding:
    processes = _own(facts.processes)
    if facts.processes_error or not processes:
        reason = facts.processes_error or "docker top shows none"
        return _state(facts, Status.UNKNOWN, f"The processes of {facts.service} cannot be seen: {reason}.", ())
    if not any(process.state for process in processes):
        text = f"{_count(processes)} of {facts.service} run; the host's ps does not tell their states."
        return _state(facts, Status.NOT_CONFIGURED, text, processes)
    stopped = [process for process in processes if process.state in _STOPPED]
    if stopped:
        text = f"{_named(stopped).capitalize()} of {facts.service} is stopped (state T) and cannot answer."
        return _state(facts, Status.CRITICAL, text, stopped, are_stopped=True)
    fails = facts.canary.was_tried and not facts.canary.succeeded
    for letter, text in (
        ("Z", "has ended and was not reaped by its parent (state Z, a zombie)"),
        ("D", "waits for a disk or a device and cannot be interrupted (state D)"),
    ):
        found = [process for process in processes if process.state == letter]
        if found:
            status = Status.CRITICAL if fails else Status.WARNING
            return _state(facts, status, f"{_named(found).capitalize()} of {facts.service} {text}.", found)
    return _state(facts, Status.OK, f"{_count(processes)} of {facts.service} run in ordinary states.", processes)


def _judge_held(facts: ModelServerFacts, *, explained: bool) -> Finding:
    hangs = facts.canary.outcome is Outcome.ANSWER_TIMED_OUT
    if not hangs or explained or not any(process.state for process in facts.processes):
        text = f"No inference of {facts.service} is held up by a lock."
        if hangs:
            text = f"A lock is not needed to explain why {facts.service} does not answer."
        return Finding("model_server.held", facts.service, Status.OK, text, step="MS-2")
    own = _own(facts.processes)
    busy = [process for process in own if process.state == "R"]
    text = (
        f"{facts.service} accepts an inference and gives no answer, while {_named(busy)} computes (state R): "
        "an endless loop, or more work than it can do."
        if busy
        else f"{facts.service} accepts an inference and gives no answer, while all its processes look normal (asleep): "
        "it waits for something inside, such as a lock that is never released, or is far too slow."
    )
    return Finding("model_server.held", facts.service, Status.CRITICAL, text, evidence=_lines(own), step="MS-2")


def _own(processes: Sequence[Process]) -> Sequence[Process]:
    """Without what somebody else started in the container, such as a health check."""
    return [process for process in processes if process.role != "other"] or processes


def _state(
    facts: ModelServerFacts,
    status: Status,
    message: str,
    shown: Sequence[Process],
    *,
    are_stopped: bool = False,
) -> Finding:
    name = "model_server.process_stopped" if are_stopped else "model_server.process_state"
    states = ",".join(sorted({process.state for process in _own(facts.processes) if process.state}))
    return Finding(
        name,
        facts.service,
        status,
        message,
        value=states or None,
        evidence=_lines(shown) if status is not Status.OK else (),
        step="MS-2",
    )


def _lines(processes: Sequence[Process]) -> tuple[str, ...]:
    return tuple(
        f"pid {process.pid} ({process.role}) state {process.state or '?'}: {process.command}"
        for process in processes[:_SHOWN]
    )


def _named(processes: Sequence[Process]) -> str:
    first = processes[0]
    word = {"main": "the main process", "worker": "a worker process"}.get(first.role, "a process")
    more = f" and {len(processes) - 1} more" if len(processes) > 1 else ""
    return f"{word} ({first.pid}){more}"


def _count(processes: Sequence[Process]) -> str:
    return f"{len(processes)} process{'es' if len(processes) > 1 else ''}"
