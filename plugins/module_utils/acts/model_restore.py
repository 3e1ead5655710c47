# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-5: put a known-good model in place of a damaged one. Restarting the server is for somebody else to do."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_directory import (
    ModelDirectory,
    differing,
    evidence_name,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_source import (
    GoodFile,
    verified_source,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.archive_sender import (
    ArchiveSender,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    InvalidInputError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_access import (
    FileStat,
)


@dataclass(frozen=True)
class Restore:
    """What a task asks for.

    :param files: name -> SHA-256; empty when the source's manifest tells.
    :param keep_evidence_in: directory on this host for copies of what is replaced; empty means none is kept.
    :param evidence_limit: bytes kept of each file.
    :param seconds: for reading, and for writing, the files of one container.
    """

    project: str
    service: str
    model_dir: str
    source_dir: str
    files: Mapping[str, str]
    source_manifest: str = "manifest.json"
    source_manifest_sha256: str = ""
    keep_evidence_in: str = ""
    evidence_limit: int = 64 << 20
    seconds: float = 600.0


@dataclass(frozen=True)
class RestoredFile:
    """One file of one container before and after."""

    container: str
    name: str
    before: FileStat | None
    after: FileStat | None
    changed: bool
    evidence: str = ""


def restore_model(
    docker: DockerCli, sender: ArchiveSender, wish: Restore, *, check_mode: bool
) -> tuple[RestoredFile, ...]:
    """Verify the source, read the files of each container of the service, and replace those that differ.

    Each file is read again after it was written.

    :raises InvalidInputError: an option cannot be used. :raises PlatformNotFoundError: the service has no container.
    :raises CommandFailedError: the source is not good, evidence could not be kept, or a file could not be written.
    """
    good = verified_source(wish.source_dir, wish.files, wish.source_manifest, wish.source_manifest_sha256)
    restored: list[RestoredFile] = []
    for container in _containers(docker, wish):
        running = str((container.get("State") or {}).get("Status", "")) == "running"
        place = ModelDirectory(
            docker, sender, str(container["Id"]), wish.model_dir, running=running, seconds=wish.seconds
        )
        name = str(container.get("Name", "")).lstrip("/")
        restored += _restore_one(place, name, str(container["Id"]), good, wish, check_mode=check_mode)
    return tuple(restored)


def restore_result(wish: Restore, restored: Sequence[RestoredFile]) -> dict[str, Any]:
    """The module's result: ``changed``, ``actions``, ``files`` and ``diff``."""
    changed = [file for file in restored if file.changed]
    return {
        "changed": bool(changed),
        "actions": [
            {
                "what": "file",
                "id": f"{file.container}:{wish.model_dir.rstrip('/')}/{file.name}",
                "status": "restored",
                "service": wish.service,
            }
            for file in changed
        ],
        "files": [
            {
                "container": file.container,
                "name": file.name,
                "before": _data(file.before),
                "after": _data(file.after),
                "evidence": file.evidence,
            }
            for file in restored
        ],
        "diff": {
            "before": "".join(_line(file, file.before) for file in restored),
            "after": "".join(_line(file, file.after) for file in restored),
        },
    }


def _containers(docker: DockerCli, wish: Restore) -> list[dict[str, Any]]:
    refs = [ref for ref in docker.containers(wish.project) if ref.service == wish.service and not ref.oneoff]
    found = docker.inspect([ref.id for ref in refs])
    if not found:
        raise PlatformNotFoundError(
            f"The service '{wish.service}' of the Compose project '{wish.project}' has no container.",
            remedy="Create it with 'docker compose up --no-start', then try again.",
        )
    return sorted(found, key=lambda entry: str(entry.get("Name", "")))


def _restore_one(
    place: ModelDirectory,
    container: str,
    container_id: str,
    good: Sequence[GoodFile],
    wish: Restore,
    *,
    check_mode: bool,
) -> list[RestoredFile]:
    names = [file.name for file in good]
    before = place.state(names)
    wrong = differing(good, before)
    owners = {file.name: place.owner(file.name) for file in wrong}
    evidence: dict[str, str] = {}
    if wrong and not check_mode:
        evidence = _keep(place, container_id, wrong, before, wish)
        for file in wrong:
            place.write(file, owners[file.name])
        after = place.state(names)
        still = differing(good, after)
        if still:
            raise CommandFailedError(
                f"{still[0].name} in {container} is not what was written: the SHA-256 differs afterwards.",
                remedy="Look at the container's storage.",
            )
    else:
        # What it would be: the content is known, the time is not.
        after = {**before, **{file.name: FileStat(file.size, 0, file.sha256) for file in wrong}}
    return [
        RestoredFile(
            container,
            file.name,
            before.get(file.name),
            after.get(file.name),
            file in wrong,
            evidence.get(file.name, ""),
        )
        for file in good
    ]


def _keep(
    place: ModelDirectory, container_id: str, wrong: Sequence[GoodFile], before: Mapping[str, FileStat], wish: Restore
) -> dict[str, str]:
    """Evidence before mutation: all copies are made before the first file is replaced."""
    if not wish.keep_evidence_in:
        return {}
    _make_directory(wish.keep_evidence_in)
    return {
        file.name: place.keep(
            file.name,
            wish.keep_evidence_in,
            evidence_name(container_id, file.name, before[file.name].sha256),
            wish.evidence_limit,
        )
        for file in wrong
        if file.name in before
    }


def _make_directory(path: str) -> None:
    """With mode 0700; one that is a link, or that everybody may write to, is refused."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        mode = os.lstat(path).st_mode
    except OSError as error:
        raise InvalidInputError(
            "keep_evidence_in", path, remedy=f"Name a directory that can be written ({error.strerror})."
        ) from None
    if not stat.S_ISDIR(mode) or mode & stat.S_IWOTH:
        raise InvalidInputError("keep_evidence_in", path, remedy="Name a directory that is yours alone, and no link.")


def _data(file: FileStat | None) -> dict[str, Any]:
    return {"size": file.size if file else None, "sha256": file.sha256 if file else None}


def _line(file: RestoredFile, stat_: FileStat | None) -> str:
    what = f"{stat_.size} bytes, sha256 {stat_.sha256 or 'unknown'}" if stat_ else "missing"
    return f"{file.container}: {file.name}: {what}\n"
