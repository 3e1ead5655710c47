# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-5: is each model file there, whole, the model itself, and unchanged?"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    ModelFile,
    ModelServerFacts,
)

_SHOWN = 10
_SENTENCES = {
    "file_missing": "{names} is missing from {service}'s model directory.",
    "file_lfs_pointer": "{names} of {service} is a Git LFS pointer: the model itself was never fetched.",
    "file_truncated": "{names} of {service} is truncated: {size} bytes instead of {wanted}.",
    "file_corrupt": "{names} of {service} is corrupt: its SHA-256 is not the one that {source} names.",
}


def judge_files(facts: ModelServerFacts) -> list[Finding]:
    """``model_server.manifest`` and one finding per kind of damage; each file has one kind only.

    Damage under a server that still answers is a warning: it has the model in memory, until its next start.
    """
    files = facts.files
    if not files.source:
        text = f"Neither a model directory nor a manifest is configured for {facts.service}."
        return [_finding(facts, "manifest", Status.NOT_CONFIGURED, text)]
    bad = Status.WARNING if facts.canary.succeeded else Status.CRITICAL
    if files.error:
        text = f"The model files of {facts.service} cannot be looked at: {files.error}"
        return [_finding(facts, "manifest", Status.WARNING if facts.canary.succeeded else Status.UNKNOWN, text)]
    findings = [_judge_manifest(facts, bad)]
    kinds = {file.name: kind_of_damage(file) for file in files.files}
    for kind, sentence in _SENTENCES.items():
        damaged = [file for file in files.files if kinds[file.name] == kind]
        if damaged:
            findings.append(_damage(facts, kind, bad, sentence, damaged))
        elif files.files:
            findings.append(_sound(facts, kind))
    return findings


def kind_of_damage(file: ModelFile) -> str:
    """``file_missing``, ``file_lfs_pointer``, ``file_truncated``, ``file_corrupt``, or an empty string."""
    if file.size is None:
        return "file_missing"
    if file.is_lfs_pointer and file.sha256 != file.expected_sha256:
        return "file_lfs_pointer"
    if file.sha256 is not None and file.sha256 == file.expected_sha256:
        return ""
    wanted = _wanted_size(file)
    if file.size == 0 or (wanted is not None and file.size < wanted):
        return "file_truncated"
    if file.sha256 is None or file.expected_sha256 is None:
        return "file_corrupt" if file.expected_size is not None and file.size != file.expected_size else ""
    # Only now, when it is surely not what it must be: the known-good copy may be of another version.
    shorter = file.known_good_size is not None and file.size < file.known_good_size
    return "file_truncated" if shorter else "file_corrupt"


def _wanted_size(file: ModelFile) -> int | None:
    return file.expected_size if file.expected_size is not None else file.recorded_size


def _judge_manifest(facts: ModelServerFacts, bad: Status) -> Finding:
    files = facts.files
    if files.manifest_error:
        text = f"The model manifest of {facts.service} cannot be used: {files.manifest_error}."
        return _finding(facts, "manifest", bad, text)
    where = "The inventory" if files.source == "inventory" else "The manifest in the container"
    return _finding(
        facts, "manifest", Status.OK, f"{where} names the model files of {facts.service}: {len(files.files)}."
    )


def _damage(facts: ModelServerFacts, kind: str, status: Status, sentence: str, damaged: Sequence[ModelFile]) -> Finding:
    first = damaged[0]
    wanted = _wanted_size(first) if _wanted_size(first) is not None else first.known_good_size
    more = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
    text = sentence.format(
        names=f"{first.name}{more}",
        service=facts.service,
        size=first.size,
        wanted="more" if wanted is None else wanted,
        source="the inventory" if facts.files.source == "inventory" else "the manifest",
    )
    return Finding(
        f"model_server.{kind}",
        facts.service,
        status,
        text,
        value=first.sha256 if kind == "file_corrupt" else first.size,
        limit=first.expected_sha256 if kind == "file_corrupt" else wanted,
        unit="" if kind == "file_corrupt" else "bytes",
        evidence=tuple(_line(file) for file in damaged[:_SHOWN]),
        step="MS-5",
    )


def _sound(facts: ModelServerFacts, kind: str) -> Finding:
    files = facts.files
    if kind == "file_corrupt" and files.hashed_because:
        unread = [file.name for file in files.files if file.size is not None and file.sha256 is None]
        if unread:
            text = f"{unread[0]} of {facts.service} could not be hashed, so its integrity cannot be told."
            return _finding(facts, kind, Status.UNKNOWN, text)
        if files.manifest_error:
            text = f"Nothing says what the SHA-256 of {facts.service}'s model files must be."
            return _finding(facts, kind, Status.NOT_CONFIGURED, text)
        text = f"Every model file of {facts.service} has the right SHA-256."
        return _finding(facts, kind, Status.OK, text)
    texts = {
        "file_missing": "Every model file of {service} is present.",
        "file_lfs_pointer": "No model file of {service} is seen to be a Git LFS pointer.",
        "file_truncated": "No model file of {service} is seen to be truncated.",
        "file_corrupt": "There was no reason to hash the model files of {service}.",
    }
    return _finding(facts, kind, Status.OK, texts[kind].format(service=facts.service))


def _finding(facts: ModelServerFacts, what: str, status: Status, text: str) -> Finding:
    return Finding(f"model_server.{what}", facts.service, status, text, step="MS-5")


def _line(file: ModelFile) -> str:
    wanted = "unknown" if file.expected_size is None else file.expected_size
    digest = (file.sha256 or "not hashed")[:12]
    expected = (file.expected_sha256 or "unknown")[:12]
    return f"{file.name}: {file.size} bytes (expected {wanted}), sha256 {digest} (expected {expected})"
