# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-5: the first way to a container's model files: one exec, where the container runs and has a shell."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_manifest import SHA256

_ARGUMENT_BYTES = 64 << 10

# Positional parameters: model directory, manifest (or nothing).
_LOOK = """
if cd "$1" 2>/dev/null; then
  echo 'dir ok'
  find -L . -maxdepth 6 -type f -exec stat -L -c 'file %s %Y %n' {} + 2>/dev/null | head -c 500000
else
  echo 'dir absent'
fi
printf '\\nend\\n'
if [ -z "$2" ]; then echo 'manifest none'
elif [ ! -e "$2" ]; then echo 'manifest absent'
elif [ ! -r "$2" ] || [ ! -f "$2" ]; then echo 'manifest unreadable'
else echo 'manifest ok'; head -c 1048577 "$2"
fi
"""

# Positional parameters: model directory, seconds, file names. The time limit is kept in the container, since killing
# the docker client does not end what it started there.
_HASH = """
cd "$1" || exit 3
command -v sha256sum >/dev/null 2>&1 || exit 4
limit=$2; begin=$(date +%s); shift 2
for name; do
  left=$((limit - $(date +%s) + begin))
  [ "$left" -gt 0 ] || { echo '0 -'; continue; }
  run=; if command -v timeout >/dev/null 2>&1; then run="timeout $left"; fi
  case "$(head -c 40 "./$name" 2>/dev/null | tr -d '\\000')" in
    'version https://git-lfs.github.com/spec/') lfs=1 ;;
    *) lfs=0 ;;
  esac
  sum=$($run sha256sum <"./$name" 2>/dev/null) || sum=-
  echo "$lfs ${sum%% *}"
done
"""


@dataclass(frozen=True)
class FileStat:
    """A file as found: bytes, seconds since the epoch; ``sha256`` and ``is_lfs_pointer`` once it was hashed."""

    size: int
    modified: int
    sha256: str | None = None
    is_lfs_pointer: bool | None = None


@dataclass(frozen=True)
class Listing:
    """A first look.

    :param files: name below the directory -> what was found.
    :param manifest: its content (cut one byte above the limit), or None.
    :param manifest_error: why there is no content, or an empty string.
    """

    files: Mapping[str, FileStat] = field(default_factory=dict)
    manifest: bytes | None = None
    manifest_error: str = ""


class FileAccess(Protocol):
    """One way to a container's model files. Both methods raise IncidentResponseError when the way is barred."""

    def look(self, directory: str, manifest: str, names: Sequence[str]) -> Listing:
        """What is there. ``names`` are those known beforehand; a way that can list the directory finds more."""

    def hash(self, directory: str, names: Sequence[str], seconds: float) -> dict[str, FileStat]:
        """The named files with their SHA-256; one that cannot be read is left out."""


class ExecAccess:
    """By a constant script in the running container; needs a shell, find, stat and head there, and sha256sum."""

    def __init__(self, docker: DockerCli, container: str, *, deadline: float) -> None:
        self._docker = docker
        self._container = container
        self._deadline = deadline

    def look(self, directory: str, manifest: str, names: Sequence[str]) -> Listing:
        """See :class:`FileAccess`."""
        result = self._run(_LOOK, (directory, manifest), self._deadline)
        return parse_look(result.stdout)

    def hash(self, directory: str, names: Sequence[str], seconds: float) -> dict[str, FileStat]:
        """See :class:`FileAccess`. Sizes and times are zero: they are known from the look."""
        end = time.monotonic() + seconds
        hashed = {}
        for some in _batches(names):
            left = max(1.0, end - time.monotonic())
            result = self._run(_HASH, (directory, str(int(left)), *some), left + self._deadline)
            for name, line in zip(some, result.stdout.decode("ascii", "replace").splitlines()):
                mark, _blank, digest = line.partition(" ")
                if SHA256.match(digest):
                    hashed[name] = FileStat(0, 0, digest.lower(), mark == "1")
        return hashed

    def _run(self, script: str, parameters: Sequence[str], deadline: float) -> CommandResult:
        argv = ["sh", "-c", script, "sh", *parameters]
        result = self._docker.exec(self._container, argv, deadline=deadline, limit=4 << 20)
        if not result.succeeded:
            raise CommandFailedError("The model files cannot be read by a shell in the container.")
        return result


def parse_look(output: bytes) -> Listing:
    """The answer of the script that looks. Lines of another shape (a name with a line break) are left out.

    :raises IncidentResponseError: it is no such answer at all.
    """
    head, mark, rest = output.partition(b"\nend\nmanifest ")
    if not mark or not head.startswith(b"dir "):
        raise CommandFailedError("The container's shell answered something unexpected.")
    files = {}
    for line in head.decode("utf-8", "replace").splitlines():
        parts = line.split(" ", 3)
        if len(parts) == 4 and parts[0] == "file" and parts[1].isdigit() and parts[2].lstrip("-").isdigit():
            files[parts[3][2:] if parts[3].startswith("./") else parts[3]] = FileStat(int(parts[1]), int(parts[2]))
    state, _newline, content = rest.partition(b"\n")
    errors = {b"ok": "", b"none": "", b"absent": "it is absent"}
    error = errors.get(state, "it cannot be read")
    return Listing(files, content if state == b"ok" else None, error)


def with_hashes(found: Mapping[str, FileStat], hashed: Mapping[str, FileStat]) -> dict[str, FileStat]:
    """Both looks in one: sizes and times of the first, hashes of the second."""
    return {
        name: replace(stat, sha256=hashed[name].sha256, is_lfs_pointer=hashed[name].is_lfs_pointer)
        if name in hashed
        else stat
        for name, stat in found.items()
    }


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Names in groups that fit on a command line."""
    batch: list[str] = []
    size = 0
    for name in names:
        if batch and size + len(name.encode()) > _ARGUMENT_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += len(name.encode()) + 1
    if batch:
        yield batch
