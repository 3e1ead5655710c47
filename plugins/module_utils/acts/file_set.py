# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files hold a platform's desired configuration."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

FILES_LABEL = "com.docker.compose.project.config_files"
DIRECTORY_LABEL = "com.docker.compose.project.working_dir"
ENV_FILES_LABEL = "com.docker.compose.project.environment_file"


@dataclass(frozen=True)
class FileSet:
    """The files and profiles of a Compose project.

    :param directory: the project directory; relative paths in the files are relative to it.
    :param files: Compose files; the later ones override the earlier ones.
    :param env_files: files for interpolation; empty for the ``.env`` of the directory, if there is one.
    :param source: inventory, labels or none.
    """

    project: str
    directory: str = ""
    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    source: str = "none"


def from_labels(project: str, labels: Iterable[Mapping[str, str]]) -> FileSet:
    """The set that most containers bear; of two equally frequent ones the smaller one.

    A container that bears another set has drifted: it was made with an override, or by another checkout.
    """
    counts = Counter(
        (one.get(DIRECTORY_LABEL, ""), one.get(FILES_LABEL, ""), one.get(ENV_FILES_LABEL, "")) for one in labels
    )
    counts = Counter({key: count for key, count in counts.items() if key[1]})
    if not counts:
        return FileSet(project)
    directory, files, env_files = min(counts, key=lambda key: (-counts[key], len(key[1]), key))
    return FileSet(
        project,
        directory or os.path.dirname(files.split(",")[0]),
        tuple(files.split(",")),
        tuple(name for name in env_files.split(",") if name),
        source="labels",
    )


def with_inventory(
    found: FileSet, *, directory: str, files: Iterable[str], env_files: Iterable[str], profiles: Iterable[str]
) -> FileSet:
    """What the inventory says goes first: its Compose files replace all that the labels say, paths included."""
    named = tuple(files)
    if named:
        home = directory or os.path.dirname(os.path.abspath(named[0]))
        result = FileSet(found.project, home, named, tuple(env_files), source="inventory")
    else:
        result = replace(found, directory=directory or found.directory, env_files=tuple(env_files) or found.env_files)
    return replace(result, profiles=tuple(profiles))


def absolute(files: FileSet) -> FileSet:
    """The same with every path made absolute from the project directory."""
    return replace(
        files,
        files=tuple(os.path.join(files.directory, name) for name in files.files),
        env_files=tuple(os.path.join(files.directory, name) for name in files.env_files),
    )
