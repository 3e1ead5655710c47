# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of disk space: a full disk below PostgreSQL, a log without bounds, litter that Docker keeps."""

from __future__ import annotations

import io
import os
import tarfile

from labtool import small_disk
from labtool.commands import LabError, wait_until
from labtool.fault import Fault, Memo
from labtool.platform import PYTHON_IMAGE, Platform
from labtool.recovery import make_well, recreate, set_variable

DATA = "/var/lib/postgresql/data"
BIG_WRITE = "CREATE TEMPORARY TABLE big AS SELECT repeat(number::text, 200) FROM generate_series(1, 20000) AS number"
LOG_LINE = "x" * 100
LOG_LINES = 500_000
LITTER = 3
LITTER_BYTES = 5_000_000
LITTER_LABEL = "agentfoundry.lab.litter=1"


# A full disk


def _inject_postgres_full(platform: Platform) -> None:
    set_variable(platform, "LAB_LOOP_DEVICE", small_disk.create(small_disk.image(platform)))
    recreate(platform, "postgres", override="disk-postgres")
    platform.wait_healthy(["postgres"])
    try:
        platform.exec("postgres", "dd", "if=/dev/zero", f"of={DATA}/filler", "bs=64k", "status=none")
    except LabError as error:
        # Filling a disk ends with this, and only with this.
        if "No space left" not in str(error):
            raise
    wait_until("a refused write", lambda: _write_fails_for_space(platform))


def _write_fails_for_space(platform: Platform) -> bool:
    try:
        platform.psql(BIG_WRITE)
    except LabError as error:
        return "No space left" in str(error)
    return False


def _undo_postgres_full(platform: Platform, memo: Memo) -> None:
    make_well(platform, "postgres")
    volume = f"{platform.project}_smallpg"
    if volume in platform.docker("volume", "ls", "-q").split():
        platform.docker("volume", "rm", volume)
    small_disk.remove(small_disk.image(platform))


# A log without bounds


def _inject_log_flood(platform: Platform) -> None:
    recreate(platform, "notification-service", override="disk-log-flood")
    wait_until("the service", lambda: platform.http("notification-service", "/live")[0] == 200)
    platform.fault_point("notification-service", "log", text=LOG_LINE, count=LOG_LINES)
    container = platform.container_id("notification-service")
    wait_until("the flood in the log", lambda: LOG_LINE in platform.docker("logs", "--tail", "5", container))


def _undo_log_flood(platform: Platform, memo: Memo) -> None:
    # The log goes with its container.
    recreate(platform, "notification-service")
    make_well(platform, "notification-service")


# Litter


def _inject_litter(platform: Platform) -> Memo:
    images = [_dangling_image(platform) for _ in range(LITTER)]
    labels = ("--label", platform.beside_label, "--label", LITTER_LABEL)
    write = ("head", "-c", str(LITTER_BYTES), "/dev/urandom")
    containers = [
        platform.docker("run", "-d", *labels, PYTHON_IMAGE, "sh", "-c", f"{' '.join(write)} > /litter").strip()
        for _ in range(LITTER)
    ]
    wait_until(
        "stopped containers",
        lambda: all("exited" in platform.docker("inspect", "-f", "{{.State.Status}}", c) for c in containers),
    )
    return {"images": images, "containers": containers}


def _dangling_image(platform: Platform) -> str:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("litter")
        entry.size = LITTER_BYTES
        tar.addfile(entry, io.BytesIO(os.urandom(LITTER_BYTES)))
    labels = f"LABEL {platform.beside_label} {LITTER_LABEL}"
    return platform.docker("import", "--change", labels, "-", stdin=archive.getvalue()).strip()


def _undo_litter(platform: Platform, memo: Memo) -> None:
    ours = ("--filter", f"label={platform.beside_label}", "--filter", f"label={LITTER_LABEL}")
    containers = platform.docker("ps", "-aq", *ours).split()
    if containers:
        platform.docker("rm", *containers)
    images = platform.docker("images", "-q", *ours).split()
    if images:
        platform.docker("rmi", *images)


FAULTS = (
    Fault(
        "disk-postgres-full", "disk_space",
        "The disk below PostgreSQL (200 MB of its own) is full: writes fail, reads and pg_isready are fine.",
        _inject_postgres_full, _undo_postgres_full,
    ),
    Fault(
        "disk-log-flood", "disk_space",
        f"notification-service has written {LOG_LINES:,} log lines, and its log is not rotated.",
        _inject_log_flood, _undo_log_flood,
    ),
    Fault(
        "disk-docker-litter", "disk_space",
        f"{LITTER} dangling images and {LITTER} stopped containers of 5 MB each lie about.",
        _inject_litter, _undo_litter,
    ),
)  # fmt: skip
