# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import tarfile
import time
from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.archive_sender import (
    DockerArchiveSender,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError

CONTENT = b"weights " * 100_000


def client(folder: Path, script: str) -> DockerArchiveSender:
    """Docker's client, which does what the script says."""
    path = folder / "docker"
    path.write_text(f'#!/bin/sh\ncd {folder}\necho "$@" >arguments\n{script}\n')
    path.chmod(0o755)
    return DockerArchiveSender(str(path))


def send(
    sender: DockerArchiveSender, content: bytes = CONTENT, size: int | None = None, deadline: float = 20.0
) -> None:
    member = tarfile.TarInfo("model.bin")
    member.uid, member.gid, member.mode = 1234, 2345, 0o640
    member.size = len(CONTENT) if size is None else size
    sender.send("c0ffee", "/app/models", member, io.BytesIO(content), deadline=deadline)


def test_the_file_arrives_with_its_owner_and_mode(tmp_path: Path) -> None:
    send(client(tmp_path, "cat >archive"))
    assert (tmp_path / "arguments").read_text() == "cp - c0ffee:/app/models\n"
    with tarfile.open(tmp_path / "archive") as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None
        assert content.read() == CONTENT
    assert (member.name, member.uid, member.gid, member.mode) == ("model.bin", 1234, 2345, 0o640)


def test_what_docker_says_is_the_reason(tmp_path: Path) -> None:
    sender = client(tmp_path, "cat >/dev/null; echo 'Error: mounted volume is marked read-only' >&2; exit 1")
    with pytest.raises(CommandFailedError, match=r"marked read-only\. Replace the file on the host"):
        send(sender)


def test_a_client_that_stops_reading_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="no such container"):
        send(client(tmp_path, "echo 'no such container' >&2; exit 1"))


def test_content_that_is_shorter_than_announced_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="broke"):
        send(client(tmp_path, "cat >/dev/null"), CONTENT[:-1])


def test_a_client_that_hangs_is_killed_at_the_deadline(tmp_path: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(CommandFailedError):
        send(client(tmp_path, "exec sleep 60"), deadline=0.3)
    assert time.monotonic() - begin < 50


def test_no_client_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="cannot be run"):
        send(DockerArchiveSender(str(tmp_path / "none")))
