# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DB-5 and writing: has the data directory room, and does a write go through? Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
    Volume,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_DISK_FULL = "53100"
"""SQLSTATE disk_full."""

_ROOM = "Room must be made on the host; nothing of the database is deleted."

# data_corrupted and index_corrupted, https://www.postgresql.org/docs/current/errcodes-appendix.html
_DAMAGED = ("XX001", "XX002")
_RESTORE = "Copy the data directory as it is, then restore from a backup: no restart mends that."
# It answers, only not to this check.
_NOT_THE_DATA = (Answer.AUTHENTICATION, Answer.NO_DATABASE, Answer.SLOTS_EXHAUSTED, Answer.NO_CLIENT)


def judge_storage(facts: PostgresFacts, thresholds: Thresholds) -> list[Finding]:
    """``postgres.disk``, ``postgres.write`` and ``postgres.integrity``."""
    return [_disk(facts, thresholds), *_write(facts), *_integrity(facts)]


def _disk(facts: PostgresFacts, thresholds: Thresholds) -> Finding:
    """The fullest file system, or what the log says of one that cannot be measured since the server is down."""
    name, service = "postgres.disk", facts.service
    warning, critical = thresholds.postgres_disk_percent, thresholds.postgres_disk_critical_percent
    told = next((item for item in facts.log if item.name == "disk_full"), None)
    fails = facts.answer is Answer.DISK_FULL or facts.write.code == _DISK_FULL
    if fails or (told is not None and facts.answer is not Answer.OK):
        evidence = tuple(text for text in (facts.write.error, facts.error, told.last if told else "") if text)[:3]
        message = f"The disk of {service} is full. {_ROOM}"
        return Finding(name, service, Status.CRITICAL, message, _fullest(facts), critical, "%", evidence, "DB-5")
    if not facts.volumes:
        message = f"The disk of {service} could not be measured."
        return Finding(name, service, Status.NOT_CONFIGURED, message, None, critical, "%", step="DB-5")
    worst = max(facts.volumes, key=_percent)
    share = _percent(worst)
    status = Status.CRITICAL if share >= critical else Status.WARNING if share > warning else Status.OK
    what = "inodes" if worst.inodes_percent is not None and worst.inodes_percent > worst.used_percent else "bytes"
    message = f"{share:.0f} % of the {what} are in use where {service} keeps its data."
    if status is Status.CRITICAL:
        message += f" {_ROOM}"
    limit = critical if status is Status.CRITICAL else warning
    return Finding(name, service, status, message, round(share, 1), limit, "%", (_line(worst),), "DB-5")


def _percent(volume: Volume) -> float:
    return max(volume.used_percent, volume.inodes_percent or 0.0)


def _fullest(facts: PostgresFacts) -> float | None:
    return round(max(_percent(volume) for volume in facts.volumes), 1) if facts.volumes else None


def _line(volume: Volume) -> str:
    return f"{volume.path}: {volume.available / (1 << 20):,.0f} MiB of {volume.size / (1 << 20):,.0f} MiB available"


def _write(facts: PostgresFacts) -> list[Finding]:
    name, service = "postgres.write", facts.service
    if facts.answer is not Answer.OK:
        return []
    if not facts.write.tried:
        message = f"No write was tried on {service}: writing probes are switched off, or it is a declared standby."
        return [Finding(name, service, Status.NOT_CONFIGURED, message, step="DB-2")]
    if facts.write.error:
        message = f"{service} answers, but a write fails."
        code = facts.write.code
        return [Finding(name, service, Status.CRITICAL, message, code, evidence=(facts.write.error,), step="DB-2")]
    return [Finding(name, service, Status.OK, f"A write on {service} goes through (rolled back).", step="DB-2")]


def _integrity(facts: PostgresFacts) -> list[Finding]:
    """Damaged data. The server's own count of blocks decides; of its log, which a client can write into, only when the
    server does not answer as well, or when the write of this check met damage."""
    name, service = "postgres.integrity", facts.service
    blocks = facts.server.checksum_failures if facts.server else None
    told = next((item for item in facts.log if item.name == "corruption"), None)
    down = told is not None and facts.answer not in (Answer.OK, *_NOT_THE_DATA)
    evidence = tuple(
        text for text in (facts.write.error if _met_damage(facts) else "", told.last if told else "") if text
    )
    if blocks:
        what = "1 block" if blocks == 1 else f"{blocks} blocks"
        message = f"Data of {service} is damaged: {what} did not have the right checksum when read. {_RESTORE}"
        return [Finding(name, service, Status.CRITICAL, message, float(blocks), 0.0, "1", evidence, "DB-6")]
    if down or _met_damage(facts):
        message = f"Data of {service} is damaged, by its own word. {_RESTORE}"
        return [Finding(name, service, Status.CRITICAL, message, evidence=evidence, step="DB-6")]
    if blocks is None:
        message = f"Whether data of {service} is damaged cannot be counted: it keeps no data checksums."
        return [Finding(name, service, Status.NOT_CONFIGURED, message, step="DB-6")] if facts.server else []
    return [Finding(name, service, Status.OK, f"No damaged block of {service} is known.", 0.0, 0.0, "1", step="DB-6")]


def _met_damage(facts: PostgresFacts) -> bool:
    return facts.write.code in _DAMAGED
