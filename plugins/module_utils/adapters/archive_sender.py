# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts one file into a container by docker cp's tar stream, with owner and mode as they have to be.

docker cp of a plain file would make root its owner; ``--archive`` would take the owner on this host. A tar stream says
what it has to be, needs nothing in the container, and works while that does not run.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tarfile
import threading
from typing import BinaryIO, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import redact_text


class ArchiveSender(Protocol):
    """Where files go; a test hands in one that keeps them."""

    def send(
        self, container: str, directory: str, member: tarfile.TarInfo, content: BinaryIO, *, deadline: float
    ) -> None:
        """Write one file.

        :param directory: where in the container; it exists.
        :param member: name (without a folder), size, owner and mode.
        :param content: as many bytes as ``member.size`` says.
        :param deadline: seconds.
        :raises CommandFailedError: it was not written, or not all of it.
        """


class DockerArchiveSender:
    """The real thing.

    :param executable: Docker's client, by name or path.
    """

    def __init__(self, executable: str = "docker") -> None:
        self._executable = executable

    def send(
        self, container: str, directory: str, member: tarfile.TarInfo, content: BinaryIO, *, deadline: float
    ) -> None:
        """See :class:`ArchiveSender`."""
        try:
            process = subprocess.Popen(
                [self._executable, "cp", "-", f"{container}:{directory}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C"},
            )
        except OSError as error:
            raise CommandFailedError(
                f"The Docker client '{self._executable}' cannot be run: {error.strerror}."
            ) from error
        killer = threading.Timer(deadline, _kill, [process.pid])
        killer.daemon = True
        killer.start()
        try:
            broken = _write(process, member, content)
            said = process.stderr.read(4096) if process.stderr else b""
        finally:
            # Not reaped yet, so the number cannot belong to anybody else.
            killer.cancel()
            _kill_unless_ended(process)
        if process.returncode != 0 or broken:
            reason = _last_line(said) or broken
            raise CommandFailedError(
                f"Could not copy into the container's {directory}: {reason}.",
                remedy="Replace the file on the host, where the mount comes from." if "read-only" in reason else "",
            )


def _write(process: subprocess.Popen[bytes], member: tarfile.TarInfo, content: BinaryIO) -> str:
    """Why the stream broke, or an empty string."""
    if process.stdin is None:
        return "there is no pipe"
    try:
        with tarfile.open(fileobj=process.stdin, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            archive.addfile(member, content)
    except (OSError, tarfile.TarError) as error:
        return f"the stream broke ({type(error).__name__})"
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()
    return ""


def _kill_unless_ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        _kill(process.pid)
        process.wait()
    if process.stderr:
        process.stderr.close()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _last_line(output: bytes) -> str:
    lines = redact_text(output.decode("utf-8", "replace")).strip().splitlines()
    return lines[-1].strip().rstrip(".")[:300] if lines else ""
