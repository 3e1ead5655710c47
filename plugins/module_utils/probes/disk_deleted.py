# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that were deleted while a process still has them open: ``df`` counts them, ``du`` does not find them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import DeletedFile
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

SMALLEST = 1 << 20
"""Smaller ones (bytes) are of no account: temporary files of many programs are like that."""


def deleted_files(devices: Mapping[int, str], pids: Mapping[int, str], proc: Path = Path("/proc")) -> list[DeletedFile]:
    """Those on the given devices, the largest first, each once. Sees what the running user may see.

    :param devices: ``st_dev`` -> mount; only files there are of interest.
    :param pids: main process on the host -> service, to name the service that holds a file.
    """
    found: dict[tuple[int, int], DeletedFile] = {}
    for pid in sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()):
        for link, seen in _open_files(proc / str(pid)):
            if seen.st_nlink == 0 and stat.S_ISREG(seen.st_mode) and seen.st_dev in devices:
                size = seen.st_blocks * 512
                if size >= SMALLEST and (seen.st_dev, seen.st_ino) not in found:
                    path = single_line(link.replace(" (deleted)", ""), 200)
                    service = pids.get(pid) or _service_of(pid, pids, proc)
                    name = single_line(_read(proc / str(pid) / "comm"), 40)
                    found[seen.st_dev, seen.st_ino] = DeletedFile(pid, name, path, size, seen.st_dev, service)
    return sorted(found.values(), key=lambda item: -item.size)


def _open_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    try:
        names = os.listdir(folder / "fd")
    except OSError:
        return  # it has ended, or belongs to somebody else
    for name in names:
        path = folder / "fd" / name
        try:
            yield os.readlink(path), os.stat(path)
        except OSError:
            continue


def _service_of(pid: int, pids: Mapping[int, str], proc: Path) -> str:
    """The service among whose main processes is one of the process's ancestors."""
    for _generation in range(20):
        fields = _read(proc / str(pid) / "stat").rpartition(")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else 0
        if pid <= 1:
            return ""
        if pid in pids:
            return pids[pid]
    return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
