# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the override of a rollback where the next run, and a person, find it: in the state directory."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rollback import Rollback
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError

FOLDER = "rollback"


def override_path(state_dir: Path, project: str, service: str) -> Path:
    """One file for each service of a project. Compose allows no slash in either name."""
    return state_dir / FOLDER / project / f"{service}.yaml"


def write_overrides(
    rollbacks: Sequence[Rollback], state_dir: Path, project: str, *, check_mode: bool
) -> dict[str, Any]:
    """Write what differs, and tell.

    :returns: ``changed``, ``files`` (those of the services that need it), ``rollbacks``, ``actions`` and ``diff``.
    :raises StateUnavailableError: a file cannot be written.
    """
    wanted = {override_path(state_dir, project, one.service): one for one in rollbacks if one.needed}
    before = {path: _read(path) for path in wanted}
    stale = {path: one for path, one in wanted.items() if before[path] != one.override()}
    for path, one in stale.items():
        if not check_mode:
            _write(path, one.override())
    return {
        "changed": bool(stale),
        "files": [str(path) for path in wanted],
        "rollbacks": [one.to_data() for one in rollbacks],
        "actions": [
            {"what": "file", "id": str(path), "status": "written", "service": one.service}
            for path, one in stale.items()
        ],
        "diff": [
            {
                "before_header": str(path),
                "after_header": str(path),
                "before": before[path],
                "after": one.override(),
            }
            for path, one in stale.items()
        ],
    }


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unusable(path, error) from error


def _write(path: Path, text: str) -> None:
    """All of it or nothing, for this user alone."""
    temporary = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One that a killed run left behind is not written through: it could be a link by now.
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StateUnavailableError:
    return StateUnavailableError(
        f"The rollback's Compose file {path} cannot be used: {error.strerror or error}.",
        remedy="Look at the state directory's free room and rights.",
    )
