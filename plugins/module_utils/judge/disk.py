# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-1 and DS-5: is a file system short, will it soon be, and how much has to be freed or added? Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    DiskFacts,
    FileSystem,
    Unmeasured,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_growth import (
    growth,
    seconds_until_full,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import (
    size_in_words,
    time_in_words,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.disk_litter import (
    judge_detail,
    removable_on,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.disk_logs import judge_logs

_SHOWN = 5


def judge_disk(
    facts: DiskFacts, thresholds: Thresholds, now: float, *, recovering: bool = False
) -> tuple[Finding, ...]:
    """The findings about the host's disks.

    :param recovering: True while an incident about them is open: then a file system has to come down to the target, and
        not only below the limit at which it was called critical, or it would be critical again at once.
    """
    limit = thresholds.disk_target_percent if recovering else thresholds.disk_critical_percent
    short = short_of_room(facts, thresholds, recovering=recovering)
    findings = []
    for system in facts.file_systems:
        findings.append(_bytes(system, facts, thresholds, limit, now))
        findings += _inodes(system, thresholds, limit)
        findings += _expand(system, facts, thresholds, limit)
    findings += [_unmeasured(item) for item in facts.unmeasured]
    findings += judge_logs(facts, thresholds, short)
    findings += judge_detail(facts, thresholds, short)
    return tuple(findings)


def short_of_room(facts: DiskFacts, thresholds: Thresholds, *, recovering: bool = False) -> list[FileSystem]:
    """The file systems with too few bytes or inodes left: they deserve a closer look."""
    limit = thresholds.disk_target_percent if recovering else thresholds.disk_critical_percent
    return [system for system in facts.file_systems if _share(system) > limit]


def _share(system: FileSystem) -> float:
    return max(system.used_percent, system.inodes_percent or 0.0)


def _bytes(system: FileSystem, facts: DiskFacts, thresholds: Thresholds, limit: float, now: float) -> Finding:
    share = system.used_percent
    left = seconds_until_full(system, growth(facts.history.get(system.mount, ()), now, system.used))
    soon = left is not None and left < thresholds.disk_full_s
    until = f" At its present rate it is full in {time_in_words(left)}." if left is not None and soon else ""
    room = f"{system.mount} is {share:.0f} % full: {_left(system)}."
    if share > limit:
        target = thresholds.disk_target_percent
        free, grow = size_in_words(system.to_free(target)), size_in_words(system.to_grow(target))
        message = f"{room}{until} Free {free}, or expand it by {grow}, to come down to {target:.0f} %."
        return _finding("disk.bytes", Status.CRITICAL, message, share, limit, _holds(system))
    if share > thresholds.disk_percent or soon:
        return _finding("disk.bytes", Status.WARNING, room + until, share, thresholds.disk_percent, _holds(system))
    return _finding("disk.bytes", Status.OK, room, share, thresholds.disk_percent)


def _left(system: FileSystem) -> str:
    """The share is that of ``df``, of what users may fill; where that is not the whole size, the words say so."""
    left, room, size = (size_in_words(each) for each in (system.available, system.room, system.size))
    if room == size:
        return f"{left} of {size} left"
    return f"{left} left of the {room} that users may fill; its size is {size}"


def _inodes(system: FileSystem, thresholds: Thresholds, limit: float) -> list[Finding]:
    share = system.inodes_percent
    if share is None:
        return []
    message = f"{share:.0f} % of the inodes of {system.mount} are in use: {system.inodes_available:,} left."
    if share > limit:
        target = thresholds.disk_target_percent
        surplus = max(1, round(system.inodes * (share - target) / 100.0))
        message = f"{message} Remove {surplus:,} files to come down to {target:.0f} %; more room alone does not help."
        return [_finding("disk.inodes", Status.CRITICAL, message, share, limit, _holds(system))]
    warning = share > thresholds.disk_percent
    status = Status.WARNING if warning else Status.OK
    evidence = _holds(system) if warning else ()
    return [_finding("disk.inodes", status, message, share, thresholds.disk_percent, evidence)]


def _expand(system: FileSystem, facts: DiskFacts, thresholds: Thresholds, limit: float) -> list[Finding]:
    """Said only when the closer look has shown that there is not enough to remove."""
    if facts.detail is None or system.used_percent <= limit:
        return []
    target = thresholds.disk_target_percent
    missing = system.to_free(target) - removable_on(system, facts)
    if missing <= 0:
        return []
    grow = size_in_words(missing * 100.0 / target)
    message = f"What may be removed does not bring {system.mount} down to {target:.0f} %: expand it by {grow}."
    return [Finding("disk.expand", HOST, Status.WARNING, message, missing, None, "bytes", step="DS-5")]


def _unmeasured(item: Unmeasured) -> Finding:
    status = Status.NOT_CONFIGURED if item.absent else Status.UNKNOWN
    message = f"{item.path} could not be measured: {item.reason.rstrip('.')}."
    return Finding("disk.bytes", HOST, status, message, step="DS-1")


def _holds(system: FileSystem) -> tuple[str, ...]:
    shown = system.holds[:_SHOWN]
    more = len(system.holds) - len(shown)
    return (f"holds: {', '.join(shown)}" + (f" and {more} more" if more > 0 else ""),) if shown else ()


def _finding(
    name: str, status: Status, message: str, share: float, limit: float, evidence: Sequence[str] = ()
) -> Finding:
    return Finding(name, HOST, status, message, round(share, 1), limit, "%", tuple(evidence), "DS-1")
