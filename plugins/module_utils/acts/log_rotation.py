# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-3: rotation of container logs in daemon.json: merged, validated, backed up, and never in force by itself.

Log options hold for containers that are made after dockerd was restarted. dockerd is never restarted here.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.daemon_json import (
    Rotation,
    as_text,
    command_line_of_reader,
    merge_rotation,
    parse_configuration,
    refuse_flags,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import redact_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_LARGEST = 1 << 20


@dataclass(frozen=True)
class Rotated:
    """What came of it.

    :param validated: ``dockerd`` when the engine's own check passed, ``json`` where it has none.
    :param backup: copy of what was there; empty when nothing was, or under check mode.
    """

    path: str
    before: str
    after: str
    changed: bool
    validated: str = ""
    backup: str = ""


def configure_rotation(
    runner: CommandRunner, path: str, wish: Rotation, *, check_mode: bool, proc: Path = Path("/proc")
) -> Rotated:
    """Read again, merge, validate, keep a copy, replace in one step.

    :raises InvalidInputError: the file is not JSON, or a link: never overwritten.
    :raises IncidentResponseError: dockerd would refuse it, or the file cannot be written.
    """
    refuse_flags(command_line_of_reader(dockerd_command_lines(proc), path), path)
    before = _read(path)
    settings = parse_configuration(before, path)
    merged = merge_rotation(settings, wish)
    if merged == settings:
        return Rotated(path, before, before, changed=False)
    after = as_text(merged)
    try:
        validated = _validate(runner, after)
        backup = "" if check_mode else _replace(path, before, after)
    except OSError as error:
        raise IncidentResponseError(
            f"{path} could not be written: {error.strerror}. It is as it was.",
            remedy="Run as root; on a full disk free some room first, by the rungs that remove things.",
        ) from error
    return Rotated(path, before, after, True, validated, backup)


def dockerd_command_lines(proc: Path) -> list[tuple[str, ...]]:
    """The words with which each dockerd of this host was started. One that runs inside a container is none of them."""
    found = []
    own = _mount_namespace(proc / "self")
    for folder in sorted(proc.iterdir()):
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                is_dockerd = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip() == "dockerd"
                if is_dockerd and _mount_namespace(folder) in ("", own):
                    words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                    found.append(tuple(word for word in words[1:] if word))
    return found


def _mount_namespace(folder: Path) -> str:
    """Empty when it cannot be told."""
    try:
        return os.readlink(folder / "ns" / "mnt")
    except OSError:
        return ""


def rotation_result(rotated: Rotated, unbounded: Iterable[str]) -> dict[str, Any]:
    """What the module returns.

    :param unbounded: containers whose logs are not rotated: they have to be made anew after dockerd was restarted.
    """
    names = sorted(unbounded)
    said = ""
    if rotated.changed:
        said = "daemon.json asks for rotation now. "
    if rotated.changed or names:
        said += "It holds for containers that are made after a restart of dockerd, which this never does by itself."
        if names:
            said += f" Then make anew: {', '.join(names)}."
    return {
        "changed": rotated.changed,
        "actions": [{"what": "file", "id": rotated.path, "status": "merged"}] if rotated.changed else [],
        "path": rotated.path,
        "backup": rotated.backup,
        "validated": rotated.validated,
        "restart_needed": rotated.changed,
        "recreate": names,
        "note": said,
        "diff": {
            "before_header": rotated.path,
            "after_header": rotated.path,
            "before": redact_text(rotated.before),
            "after": redact_text(rotated.after),
        },
    }


def unbounded_containers(inspected: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of the containers whose json-file log has no max-size of its own."""
    names = []
    for entry in inspected:
        config = (entry.get("HostConfig") or {}).get("LogConfig") or {}
        limit = (config.get("Config") or {}).get("max-size")
        if config.get("Type") == "json-file" and limit in (None, "", "-1"):
            names.append(str(entry.get("Name", "")).lstrip("/"))
    return names


def _read(path: str) -> str:
    try:
        seen = os.lstat(path)
    except FileNotFoundError:
        return ""
    if not stat.S_ISREG(seen.st_mode):
        raise InvalidInputError("path", path, remedy="It is no plain file; give the file that it points to.")
    if seen.st_size > _LARGEST:
        raise InvalidInputError("path", path, remedy="It is too large to be daemon.json.")
    try:
        return Path(path).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError("path", path, remedy="It cannot be read as text.") from error


def _validate(runner: CommandRunner, text: str) -> str:
    """By ``dockerd --validate`` where the engine has it (since 23.0); 20.10 knows no such option."""
    descriptor, name = tempfile.mkstemp(suffix=".json")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        result = runner.run(["dockerd", "--validate", "--config-file", name], deadline=15.0)
    except FileNotFoundError:
        return "json"
    finally:
        os.unlink(name)
    if result.succeeded:
        return "dockerd"
    said = redact_text(result.stderr.decode("utf-8", "replace")).strip()
    if "unknown flag" in said or result.timed_out:
        return "json"
    last: Sequence[str] = said.splitlines()[-1:] or ["no reason given"]
    raise CommandFailedError(f"dockerd would not take the new daemon.json: {single_line(last[0])}.")


def _replace(path: str, before: str, after: str) -> str:
    """Keep a copy of what is there, then put the new file in its place. Returns the copy's path."""
    mode, owner, group, backup = 0o644, -1, -1, ""
    if before or os.path.exists(path):
        seen = os.stat(path)
        mode, owner, group = stat.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid
        backup = f"{path}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.bak"
        _write(backup, before, mode, owner, group)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    unfinished = f"{path}.new"
    try:
        _write(unfinished, after, mode, owner, group)
        os.replace(unfinished, path)
    except OSError:
        if backup:
            os.unlink(backup)
        raise
    return backup


def _write(path: str, text: str, mode: int, owner: int, group: int) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), mode)
            if owner >= 0 and os.geteuid() == 0:
                os.fchown(file.fileno(), owner, group)
    except OSError:
        # Half of a file is worse than none.
        os.unlink(path)
        raise
