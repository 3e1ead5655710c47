# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the model server: it hangs, it is slow, or it does not run."""

from __future__ import annotations

from labtool.commands import LabError, wait_until
from labtool.fault import Fault, Memo
from labtool.platform import Platform
from labtool.recovery import make_well, recreate, set_variable

SERVICE = "model-server"
WORKER = "services.model_worker"
LOADING_SECONDS = "20"
CPUS = "0.02"
PREDICTION = {"features": [1.0, 2.0, 3.0]}
# Made-up secrets, a terminal's escape sequences and bytes that are no UTF-8 (Latin-1 here), as real logs hold them.
LOG_WITH_SECRETS = "\n".join(
    (
        "login failed for admin password=hunter2",
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLXRoZS1sYWI",
        "connecting to postgresql://app:hunter2@postgres:5432/agentfoundry",
        "\x1b[31mred\x1b[0m \x1b]0;title of the terminal\x07 \x1b[2J",
        "caf\xe9 \xff\xfe",
    )
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


def _inject_bad_configuration(platform: Platform) -> None:
    recreate(platform, SERVICE, "model-bad-config")
    wait_until("a second restart by Docker", lambda: platform.container(SERVICE).restart_count >= 2)


# The container


def _inject_throttled(platform: Platform) -> None:
    container = platform.container_id(SERVICE)
    platform.docker("update", "--cpus", CPUS, container)
    # The server works for each of these questions, until the kernel has held it back for that.
    wait_until("a throttled server", lambda: platform.http(SERVICE, "/health")[0] >= 0 and _throttled(platform) > 0)


def _throttled(platform: Platform) -> int:
    """Return how many periods the kernel has held the container back, of cgroup v1 or v2."""
    for path in ("/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat"):
        try:
            statistics = dict(line.split() for line in platform.exec(SERVICE, "cat", path).splitlines())
        except LabError:
            continue
        return int(statistics["nr_throttled"])
    raise LabError("the container does not show its CPU statistics")


def _inject_log_secrets(platform: Platform) -> None:
    platform.fault_point(SERVICE, "log", text=LOG_WITH_SECRETS, count=1)
    container = platform.container_id(SERVICE)
    wait_until("the lines in the log", lambda: "hunter2" in platform.docker("logs", "--tail", "50", container))


def _undo_by_new_container(platform: Platform, memo: Memo) -> None:
    recreate(platform, SERVICE)
    make_well(platform, SERVICE)


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
        "model-bad-config", "model_server",
        "The server has lost its JWT_SECRET and exits with 78 again and again; its model is sound.",
        _inject_bad_configuration, _undo,
    ),
    Fault(
        "model-throttled", "model_server",
        f"The container may use {CPUS} CPUs: everything it does takes long.",
        _inject_throttled, _undo_by_new_container,
    ),
    Fault(
        "model-log-secrets", "model_server",
        "The log holds (made-up) passwords and tokens, escape sequences and bytes that are no UTF-8; all else is well.",
        _inject_log_secrets, _undo_by_new_container,
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
