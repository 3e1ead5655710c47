# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container that is this machine: what is run in it runs here, with chosen programs, and its files are ours.

So the constant scripts that the collection runs in containers are tested for real, without an engine.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import (
    CommandResult,
    SubprocessRunner,
)

FILE_TOOLS = ("sh", "find", "stat", "head", "tr", "date", "timeout", "sha256sum")


def path_of(folder: Path, programs: Sequence[str], **others: str) -> str:
    """A PATH on which just these programs are found.

    :param others: name -> where it is, for a program that must not be looked up.
    """
    folder.mkdir(exist_ok=True)
    for name, place in {**{name: shutil.which(name) or "" for name in programs}, **others}.items():
        if not place:
            raise AssertionError(f"this machine has no {name}")
        (folder / name).symlink_to(place)
    return str(folder)


class LocalContainer:
    """A command runner: ``docker exec`` and ``docker cp ... -`` are done here, the rest is answered by a table.

    :param path: the PATH of what is executed; None means that the container has no shell.
    :param stream_limit: bytes after which a stream of docker cp breaks off, or None.
    :param replies: docker's command -> its output.
    """

    def __init__(self, path: str | None = None, *, stream_limit: int | None = None, **replies: bytes) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.inputs: list[bytes] = []
        self.stream_limit = stream_limit
        self._path = path
        self._replies = replies
        self._runner = SubprocessRunner()

    def run(
        self, argv: Sequence[str], *, deadline: float, stdin: bytes | None = None, limit: int = 1 << 20
    ) -> CommandResult:
        self.calls.append(tuple(argv))
        self.inputs.append(stdin or b"")
        command, *rest = argv[1:]
        if command == "exec":
            inside = [word for word in rest if word != "--interactive"][1:]
            if self._path is None:
                return CommandResult(tuple(argv), 127, b"", b'exec: "sh": executable file not found in $PATH', 0.1)
            here = ["/usr/bin/env", "-i", f"PATH={self._path}", *inside]
            return self._runner.run(here, deadline=deadline, stdin=stdin, limit=limit)
        if command == "cp":
            return self._copy(argv, rest[0].partition(":")[2], limit)
        if command in self._replies:
            return CommandResult(tuple(argv), 0, self._replies[command], b"", 0.1)
        return CommandResult(tuple(argv), 1, b"", f"no reply to {command}".encode(), 0.1)

    @contextlib.contextmanager
    def stream(self, argv: Sequence[str], *, deadline: float) -> Iterator[BinaryIO]:
        self.calls.append(tuple(argv))
        yield io.BytesIO((_archive(argv[2].partition(":")[2]) or b"")[: self.stream_limit])

    def _copy(self, argv: Sequence[str], path: str, limit: int) -> CommandResult:
        content = _archive(path)
        if content is None:
            said = f"Error response from daemon: Could not find the file {path} in container c".encode()
            return CommandResult(tuple(argv), 1, b"", said, 0.1)
        return CommandResult(tuple(argv), 0, content[:limit], b"", 0.1, truncated=len(content) > limit)


def _archive(path: str) -> bytes | None:
    """What docker cp streams: links are not followed, names have no folder."""
    place = Path(path)
    if not place.is_symlink() and not place.exists():
        return None
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(place, arcname=place.name)
    return buffer.getvalue()
