# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-2 and DS-4: what could be given back, and whether that would help a file system that is short. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    Backups,
    DeletedFile,
    DiskDetail,
    DiskFacts,
    FileSystem,
    Litter,
    WriteAheadLog,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import size_in_words
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_DELETED_BYTES = 10_000_000
_NAMES = {
    "build_cache": (
        "disk.build_cache",
        "entry of build cache that nothing uses",
        "entries of build cache that nothing uses",
    ),
    "images": (
        "disk.dangling_images",
        "image without a name that no container uses",
        "images without a name that no container uses",
    ),
    "containers": ("disk.stopped_containers", "stopped container", "stopped containers"),
}


def judge_detail(facts: DiskFacts, thresholds: Thresholds, short: Sequence[FileSystem]) -> list[Finding]:
    """Everything that the closer look brought; nothing when there was none.

    :param short: the file systems that are short of bytes or inodes.
    """
    if facts.detail is None:
        return []
    devices = {system.device: system.mount for system in short}
    findings = _litter(facts.detail.litter, thresholds, docker_is_short=facts.docker_device in devices)
    findings += [_backups(item, item.device in devices) for item in facts.detail.backups]
    findings += _deleted(facts.detail.deleted, devices)
    findings += [finding for wal in facts.detail.wal for finding in _wal(wal, thresholds)]
    findings += [_problem(text) for text in facts.detail.problems]
    return findings


def removable_on(system: FileSystem, facts: DiskFacts) -> int:
    """Bytes that the rungs could give back on a file system."""
    detail = facts.detail or DiskDetail()
    litter = sum(item.size for item in detail.litter) if facts.docker_device == system.device else 0
    backups = sum(item.removable_size for item in detail.backups if item.device == system.device)
    logs = sum(log.size or 0 for log in facts.logs if log.device == system.device and not log.rotated)
    return litter + backups + logs


def _litter(litter: Sequence[Litter], thresholds: Thresholds, *, docker_is_short: bool) -> list[Finding]:
    """Critical when it is more than anybody keeps on purpose, a warning when its room is needed."""
    limit = thresholds.disk_litter_bytes
    total = sum(item.size for item in litter)
    findings = []
    for item in litter:
        name, one, many = _NAMES[item.kind]
        what = one if len(item.ids) == 1 else many
        message = f"{len(item.ids)} {what} may go: {size_in_words(item.size)}."
        status = Status.OK
        if item.ids:
            status = Status.CRITICAL if item.size > limit else Status.WARNING if docker_is_short else Status.OK
        evidence = (", ".join(item.names[:10]),) if item.names else ()
        findings.append(Finding(name, HOST, status, message, item.size, limit, "bytes", evidence, "DS-2"))
    count = sum(len(item.ids) for item in litter)
    over = total > limit and any(finding.status is Status.CRITICAL for finding in findings)
    status = Status.WARNING if count and (docker_is_short or over) else Status.OK
    message = f"Docker keeps {count} things that nobody uses and the policy lets go: {size_in_words(total)}."
    findings.append(Finding("disk.docker", HOST, status, message, total, limit, "bytes", step="DS-2"))
    return findings


def _backups(backups: Backups, is_short: bool) -> Finding:
    name = "disk.old_backups"
    if backups.problem:
        message = f"The backups in {backups.path} could not be looked at: {backups.problem.rstrip('.')}."
        return Finding(name, HOST, Status.WARNING, message, step="DS-4")
    size, count = backups.removable_size, len(backups.removable)
    message = f"{count} of {backups.count} backups in {backups.path} are beyond the policy: {size_in_words(size)}."
    status = Status.WARNING if count and is_short else Status.OK
    return Finding(name, HOST, status, message, size, None, "bytes", step="DS-4")


def _deleted(files: Sequence[DeletedFile], devices: Mapping[int, str]) -> list[Finding]:
    findings = []
    for item in files:
        if item.device in devices and item.size >= _DELETED_BYTES:
            who = f"{item.process} of {item.service}" if item.service else item.process
            message = (
                f"{who} (pid {item.pid}) still holds a deleted file of {size_in_words(item.size)} on"
                f" {devices[item.device]}: its room comes back when the process is restarted."
            )
            evidence = (item.path,)
            finding = Finding("disk.deleted_file", HOST, Status.WARNING, message, item.size, None, "bytes", evidence)
            findings.append(finding)
    return findings


def _wal(wal: WriteAheadLog, thresholds: Thresholds) -> list[Finding]:
    limit = thresholds.disk_wal_bytes
    held = [(name, size) for name, active, size in wal.slots if not active and size > limit]
    if held:
        name, size = max(held, key=lambda slot: slot[1])
        message = (
            f"The replication slot {name} of {wal.service} is not in use and keeps {size_in_words(size)} of WAL from"
            " being recycled: let a database administrator bring its reader back or drop it."
        )
        return [Finding("disk.wal", HOST, Status.WARNING, message, size, limit, "bytes", step="DS-1")]
    status = Status.WARNING if wal.size > limit else Status.OK
    message = f"The write-ahead log of {wal.service} takes {size_in_words(wal.size)}; nothing of it is ever removed."
    return [Finding("disk.wal", HOST, status, message, wal.size, limit, "bytes", step="DS-1")]


def _problem(text: str) -> Finding:
    message = f"The closer look at the disk is not complete: {text.rstrip('.')}."
    return Finding("disk.detail", HOST, Status.WARNING, message, step="DS-1")
