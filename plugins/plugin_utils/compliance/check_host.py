# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the host's backups, of the model files and of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Subject
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import HOST, Seen
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.subjects import (
    judged,
    not_applicable,
    unknown,
)

MOST_INCIDENTS = 1000
"""So many are asked for; when there may be more, not all have been looked at."""

_LISTED = {"sound": True, "broken": False, "unknown": None}
_DAMAGE = ("model_server.manifest", "model_server.file_")


def backups_there(seen: Seen) -> Iterator[Subject]:
    """A platform with a database says where its backups are."""
    databases = list(seen.services("postgres"))
    if not databases:
        yield not_applicable("", "The platform has no database of its own.")
    else:
        bad = f"Nobody says where the backups of {', '.join(databases)} are (platform_disk.backups)."
        yield judged(HOST, bool(seen.host.get("backups")), "The inventory says where the backups are.", bad)


def backups_fresh(seen: Seen) -> Iterator[Subject]:
    """The newest backup of each folder is not older than the limit."""
    limit = seen.limit("backup_age_h")
    for backup in _backups(seen):
        if isinstance(backup, Subject):
            yield backup
        elif not backup["name"]:
            yield judged(HOST, False, "", f"There is no backup {backup['pattern']} in {backup['path']}.")
        else:
            hours = backup["age"] / 3600
            said = f"{backup['name']} in {backup['path']} is {hours:.1f} h old"
            yield judged(HOST, hours <= limit, f"{said}.", f"{said}; at most {limit:g} h is allowed.")


def backups_listed(seen: Seen) -> Iterator[Subject]:
    """What is in the newest backup can be listed, without restoring it."""
    for backup in _backups(seen):
        if isinstance(backup, Subject):
            yield backup
        elif not backup["name"]:
            yield judged(HOST, False, "", f"There is no backup {backup['pattern']} in {backup['path']}.")
        else:
            listing = backup["listing"]
            said = f"{backup['name']} in {backup['path']} ({listing['kind']}): {listing['message']}"
            yield judged(HOST, _LISTED[listing["state"]], f"{said}.", f"{said}.")


def _backups(seen: Seen) -> Iterator[Mapping[str, Any] | Subject]:
    """A platform without policies has a control of its own for that."""
    found = seen.host.get("backups") or []
    if not found:
        yield not_applicable(HOST, "No folder of backups is named (platform_disk.backups).")
    for backup in found:
        if backup["problem"]:
            yield unknown(HOST, f"{backup['path']} cannot be looked at: {backup['problem'].rstrip('.')}.")
        else:
            yield backup


def model_files(seen: Seen) -> Iterator[Subject]:
    """Every file has the size and the SHA-256 of the manifest; damage under a server that still answers counts."""
    for name, facts in seen.kind_facts("model_server", "files"):
        if isinstance(facts, Subject):
            yield facts
            continue
        files = facts["files"]
        bad = [found["message"] for found in seen.findings.get(name, ()) if _is_damage(found)]
        unread = [file["name"] for file in files["files"] if file["size"] is not None and not file["sha256"]]
        if bad:
            yield judged(name, False, "", bad[0])
        elif not files["source"]:
            yield not_applicable(name, f"No manifest of the model files of {name} is configured.")
        elif files["error"] or not files["files"]:
            why = files["error"] or "none is named"
            yield unknown(name, f"The model files of {name} could not be looked at: {why}.")
        elif unread:
            yield unknown(name, f"{unread[0]} of {name} was not hashed.")
        else:
            yield judged(name, True, f"All {len(files['files'])} model files of {name} match their manifest.", "")


def _is_damage(finding: Mapping[str, Any]) -> bool:
    return finding["id"].startswith(_DAMAGE) and finding["status"] in ("critical", "warning")


def record_usable(seen: Seen) -> Iterator[Subject]:
    """Incidents can be written down and the guard can hold back a run."""
    record = seen.observed.get("record") or {}
    why = str(record.get("reason") or "nobody said why").rstrip(".")
    bad = f"The record of incidents cannot be used: {why}."
    yield judged(HOST, bool(record.get("available")), "The record of incidents can be used.", bad)


def reviews_written(seen: Seen) -> Iterator[Subject]:
    """A P1 or P2 incident has its review within 48 hours of its resolution; a late one counts for the window."""
    for incident in _incidents(seen):
        if isinstance(incident, Subject):
            yield incident
            continue
        due = _epoch(incident.get("review_due"))
        if due is None or incident["severity"] not in ("P1", "P2"):
            continue
        number, reviewed, when = incident["id"], _epoch(incident.get("reviewed_at")), incident["review_due"]
        if reviewed is None and incident["state"] not in ("reviewed", "closed"):
            bad = f"The review of {number} was due {when} and is not written."
            yield judged(number, seen.now <= due, f"The review of {number} is due {when}.", bad)
        else:
            late = reviewed is not None and reviewed > due and _is_recent(seen, incident)
            bad = f"The review of {number} was due {when} and written {incident.get('reviewed_at')}."
            yield judged(number, not late, f"{number} was reviewed.", bad)


def responses_in_time(seen: Seen) -> Iterator[Subject]:
    """Somebody responded to each incident of the last days before its response was due."""
    for incident in _incidents(seen):
        if isinstance(incident, Subject):
            yield incident
        elif _is_recent(seen, incident):
            number = incident["id"]
            bad = f"Nobody responded to {number} ({incident['severity']}) until {incident.get('response_due')}."
            yield judged(number, incident["response"] != "missed", f"{number} was responded to, or can still be.", bad)


def _is_recent(seen: Seen, incident: Mapping[str, Any]) -> bool:
    opened = _epoch(incident.get("opened_at"))
    return opened is None or opened >= seen.now - seen.limit("response_window_days") * 86400


def _incidents(seen: Seen) -> Iterator[Mapping[str, Any] | Subject]:
    if seen.incidents is None:
        yield unknown(HOST, "The incidents of the record could not be read.")
        return
    if len(seen.incidents) >= MOST_INCIDENTS:
        yield unknown(HOST, f"Only the newest {len(seen.incidents)} incidents were read.")
    yield from seen.incidents


def _epoch(moment: object) -> float | None:
    """Seconds since the epoch of an RFC 3339 time; None of anything else."""
    try:
        told = datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def waivers_current(seen: Seen) -> Iterator[Subject]:
    """An expired waiver is a failure, whatever became of its control."""
    for waiver in seen.waivers:
        bad = f"The waiver of {waiver.control} by {waiver.owner} expired on {waiver.expires}."
        yield judged(waiver.control, not waiver.expired, f"The waiver of {waiver.control} counts.", bad)
