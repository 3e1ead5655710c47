# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the model server: it hangs, its file is not what the manifest says, or it does not run."""

from __future__ import annotations

from labtool.commands import LabError, wait_until
from labtool.fault import Fault, Memo
from labtool.model import in_model_volume, restore_model_files
from labtool.platform import Platform
from labtool.recovery import make_well, recreate, set_variable

SERVICE = "model-server"
WORKER = "services.model_worker"
LOADING_SECONDS = "20"
PREDICTION = {"features": [1.0, 2.0, 3.0]}
# What Git leaves in place of a large file when LFS did not fetch it.
LFS_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:83a3812eac70e4e278259bab13df2a9b11e9875f66dceac91f630f73eaf89340\n"
    b"size 84518\n"
)


def _undo(platform: Platform, memo: Memo) -> None:
    make_well(platform, SERVICE)


# The worker or its lock


def _worker(platform: Platform) -> tuple[str, str]:
    """Return the worker's pid inside the container and its state as `ps` shows it (S sleeping, T stopped...)."""
    for line in platform.exec(SERVICE, "ps", "-eo", "pid=,stat=,args=").splitlines():
        pid, state, arguments = line.split(maxsplit=2)
        if WORKER in arguments:
            return pid, state
    raise LabError("model-server has no worker process")


def _inject_hang(platform: Platform) -> None:
    pid, _ = _worker(platform)
    platform.exec(SERVICE, "kill", "-STOP", pid)
    wait_until("a stopped worker", lambda: _worker(platform)[1].startswith("T"))


def _undo_hang(platform: Platform, memo: Memo) -> None:
    if platform.container(SERVICE).status == "running":
        pid, state = _worker(platform)
        if state.startswith("T"):
            platform.exec(SERVICE, "kill", "-CONT", pid)
    make_well(platform, SERVICE)


def _inject_lock(platform: Platform) -> None:
    platform.fault_point(SERVICE, "hold-lock")
    wait_until(
        "a prediction without an answer", lambda: platform.http(SERVICE, "/predict", PREDICTION, timeout=1)[0] == 0
    )


def _undo_lock(platform: Platform, memo: Memo) -> None:
    if platform.container(SERVICE).status == "running":
        platform.fault_point(SERVICE, "release-lock")
    make_well(platform, SERVICE)


# The file in the volume


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


# The configuration


def _inject_loading(platform: Platform) -> Memo:
    before = platform.variables()["MODEL_LOAD_SECONDS"]
    set_variable(platform, "MODEL_LOAD_SECONDS", LOADING_SECONDS)
    recreate(platform, SERVICE)
    wait_until("a loading model", lambda: (platform.http(SERVICE, "/health")[1] or {}).get("status") == "loading")
    return {"before": before}


def _undo_loading(platform: Platform, memo: Memo) -> None:
    set_variable(platform, "MODEL_LOAD_SECONDS", memo.get("before", "0"))
    make_well(platform, SERVICE)


def _inject_slow(platform: Platform) -> None:
    recreate(platform, SERVICE, "model-slow")
    wait_until("a model server that answers", lambda: platform.http(SERVICE, "/predict", PREDICTION)[0] == 200)


# The container


def _inject_paused(platform: Platform) -> None:
    platform.docker("pause", platform.container_id(SERVICE))
    wait_until("a paused container", lambda: platform.container(SERVICE).paused)


def _inject_stopped(platform: Platform) -> None:
    platform.docker("stop", "-t", "3", platform.container_id(SERVICE))
    wait_until("a stopped container", lambda: platform.container(SERVICE).status == "exited")


FAULTS = (
    Fault(
        "model-hang", "model_server",
        "The worker process is stopped (SIGSTOP): predictions and /health never answer.",
        _inject_hang, _undo_hang,
    ),
    Fault(
        "model-lock", "model_server",
        "A lock is never given back: predictions and /health never answer, while each process looks well.",
        _inject_lock, _undo_lock,
    ),
    Fault(
        "model-slow", "model_server",
        "A changed setting makes each inference last 3 s: /health is green, the callers give up.",
        _inject_slow, _undo,
    ),
    Fault(
        "model-loading", "model_server",
        f"The model takes {LOADING_SECONDS} s to load; until then /health says 'loading'. It gets well by itself.",
        _inject_loading, _undo_loading,
    ),
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
        _inject_crash_loop, _undo_file,
    ),
    Fault(
        "model-paused", "model_server",
        "The container is paused: connections are taken and never answered.",
        _inject_paused, _undo,
    ),
    Fault(
        "model-stopped", "model_server",
        "The container is stopped and stays so.",
        _inject_stopped, _undo,
    ),
)  # fmt: skip
