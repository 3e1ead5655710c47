# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the model server's files: what is in its volume is not what the manifest says."""

from __future__ import annotations

from labtool.commands import wait_until
from labtool.fault import Fault, Memo
from labtool.model import in_model_volume, restore_model_files
from labtool.platform import Platform
from labtool.recovery import make_well, recreate

SERVICE = "model-server"
PREDICTION = {"features": [1.0, 2.0, 3.0]}
# What Git leaves in place of a large file when LFS did not fetch it.
LFS_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:83a3812eac70e4e278259bab13df2a9b11e9875f66dceac91f630f73eaf89340\n"
    b"size 84518\n"
)


def _wait_refused(platform: Platform) -> None:
    wait_until("a refused prediction", lambda: platform.http(SERVICE, "/predict", PREDICTION)[0] == 503)


def _inject_corrupt(platform: Platform) -> None:
    # Byte 40,000 is inside the weights: the file stays as long as it was. `#` occurs nowhere in it.
    in_model_volume(platform, "dd", "of=model.json", "bs=1", "seek=40000", "conv=notrunc", "status=none", stdin=b"#")
    _wait_refused(platform)


def _inject_truncated(platform: Platform) -> None:
    in_model_volume(platform, "truncate", "--size", "50000", "model.json")
    _wait_refused(platform)


def _inject_lfs_pointer(platform: Platform) -> None:
    in_model_volume(platform, "tee", "model.json", stdin=LFS_POINTER)
    _wait_refused(platform)


def _inject_manifest_missing(platform: Platform) -> None:
    in_model_volume(platform, "rm", "manifest.json")
    _wait_refused(platform)


def _inject_crash_loop(platform: Platform) -> None:
    _inject_corrupt(platform)
    container = platform.container(SERVICE)
    platform.docker("restart", "-t", "3", container.id)
    wait_until("a second restart by Docker", lambda: platform.container(SERVICE).restart_count >= 2)


def _undo_file(platform: Platform, memo: Memo) -> None:
    restore_model_files(platform)
    make_well(platform, SERVICE)


def _undo_crash_loop(platform: Platform, memo: Memo) -> None:
    restore_model_files(platform)
    # A new container: the restart count stays on the old one.
    recreate(platform, SERVICE)
    make_well(platform, SERVICE)


FAULTS = (
    Fault(
        "model-corrupt", "model_server",
        "One byte of the model file has changed: predictions are refused with 503.",
        _inject_corrupt, _undo_file,
    ),
    Fault(
        "model-truncated", "model_server",
        "The model file ends after 50,000 bytes: predictions are refused with 503.",
        _inject_truncated, _undo_file,
    ),
    Fault(
        "model-lfs-pointer", "model_server",
        "A Git LFS pointer lies in place of the model file: predictions are refused with 503.",
        _inject_lfs_pointer, _undo_file,
    ),
    Fault(
        "model-manifest-missing", "model_server",
        "The manifest of the model is gone: predictions are refused with 503.",
        _inject_manifest_missing, _undo_file,
    ),
    Fault(
        "model-crash-loop", "model_server",
        "Started with a corrupt file, the server exits with 65 again and again.",
        _inject_crash_loop, _undo_crash_loop,
    ),
)  # fmt: skip
