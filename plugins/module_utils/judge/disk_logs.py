# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-3: logs of containers that grow without bounds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    ContainerLog,
    DiskFacts,
    FileSystem,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import size_in_words
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_WORTH_IT = 10_000_000
"""Truncating a smaller log than that gives nothing back that matters."""


def judge_logs(facts: DiskFacts, thresholds: Thresholds, short: Sequence[FileSystem]) -> list[Finding]:
    """``disk.log_size`` of each service whose log is too large, and ``disk.log_rotation`` when that can happen again.

    A log without rotation is critical beyond the limit, and a warning when its file system is short and needs the room.
    """
    devices = {system.device for system in short}
    limit = thresholds.disk_log_bytes
    unbounded = [log for log in facts.logs if not log.rotated]
    large = [(log, log.size) for log in unbounded if log.size is not None and log.size > limit]
    needed = [
        (log, log.size)
        for log in unbounded
        if log.size is not None and _WORTH_IT <= log.size <= limit and log.device in devices
    ]
    findings = [_large(log, size, limit, Status.CRITICAL) for log, size in large]
    findings += [_large(log, size, limit, Status.WARNING) for log, size in needed]
    if not findings:
        known = [log.size for log in facts.logs if log.size is not None]
        if known:
            message = f"The largest log of a container is {size_in_words(max(known))}."
            findings.append(Finding("disk.log_size", HOST, Status.OK, message, max(known), limit, "bytes", step="DS-3"))
    return [*findings, *_rotation(facts, unbounded, matters=bool(large or needed)), *_others(facts, devices)]


def _large(log: ContainerLog, size: int, limit: float, status: Status) -> Finding:
    message = f"The log of {log.service or log.name} is {size_in_words(size)} and is not rotated."
    targets = (log.service,) if log.service else ()
    return Finding("disk.log_size", HOST, status, message, size, limit, "bytes", (log.path,), "DS-3", targets)


def _others(facts: DiskFacts, devices: Collection[int]) -> list[Finding]:
    """Logs that are none of the platform's: named when their room is needed, and never touched from here."""
    logs = facts.detail.other_logs if facts.detail is not None else ()
    return [
        Finding(
            "disk.other_log", HOST, Status.WARNING,
            f"The log of {log.name}, which is none of this platform's containers, is {size_in_words(log.size)} and is"
            " not rotated: it is left to whoever runs it.",
            log.size, None, "bytes", (log.path,), "DS-3",
        )
        for log in logs
        if log.size is not None and log.size >= _WORTH_IT and log.device in devices
    ]  # fmt: skip


def _rotation(facts: DiskFacts, unbounded: Sequence[ContainerLog], *, matters: bool) -> list[Finding]:
    """``disk.log_rotation`` calls for daemon.json to be changed; once that is done only a person can go on."""
    if not facts.logs:
        return []
    names = sorted({log.service or log.name for log in unbounded})
    if not names:
        return [Finding("disk.log_rotation", HOST, Status.OK, "The logs of all containers are rotated.", step="DS-3")]
    message = f"The logs of {', '.join(names)} grow without bounds."
    status = Status.WARNING if matters else Status.OK
    if not facts.rotation_configured:
        return [Finding("disk.log_rotation", HOST, status, message, len(names), 0, "1", step="DS-3")]
    message = f"{message} daemon.json asks for rotation: restart dockerd if it was not since, then make them anew."
    return [Finding("disk.log_recreate", HOST, status, message, len(names), 0, "1", step="DS-3")]
