# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of a service's container: it was killed, it cannot start, or its new release is broken."""

from __future__ import annotations

from labtool.commands import wait_until
from labtool.fault import Fault, Memo, Undo
from labtool.platform import PYTHON_IMAGE, Platform
from labtool.recovery import kill_on_host, make_well, recreate

BAD_IMAGE = "agentfoundry-lab/python-service:bad"
MORE_THAN_THE_LIMIT = 300


def _inject_kill(platform: Platform) -> None:
    before = platform.container("reporting-service")
    kill_on_host(platform, "KILL", before.pid)
    wait_until(
        "a restart by Docker", lambda: platform.container("reporting-service").restart_count > before.restart_count
    )


def _inject_stopped(platform: Platform) -> None:
    # Docker does not restart what was killed through it: the container stays down.
    platform.docker("kill", platform.container_id("user-service"))
    wait_until("a dead container", lambda: platform.container("user-service").status == "exited")


def _inject_out_of_memory(platform: Platform) -> None:
    before = platform.container("reporting-service").restart_count
    platform.fault_point("reporting-service", "allocate", megabytes=MORE_THAN_THE_LIMIT)
    wait_until("a restart by Docker", lambda: platform.container("reporting-service").restart_count > before)


def _inject_out_of_memory_for_good(platform: Platform) -> None:
    # The policy is no part of what Compose compares, so this is no drift.
    platform.docker("update", "--restart", "no", platform.container_id("reporting-service"))
    platform.fault_point("reporting-service", "allocate", megabytes=MORE_THAN_THE_LIMIT)
    wait_until("a dead container", lambda: platform.container("reporting-service").status == "exited")


def _inject_loop(platform: Platform) -> None:
    recreate(platform, "user-service", "crash-loop")
    _wait_for_loop(platform, "user-service")


def _inject_bad_release(platform: Platform) -> None:
    release = platform.docker("create", PYTHON_IMAGE).strip()
    platform.docker("commit", "--change", 'CMD ["python3", "-m", "services.next_release"]', release, BAD_IMAGE)
    platform.docker("rm", release)
    recreate(platform, "reporting-service", "crash-bad-release")
    _wait_for_loop(platform, "reporting-service")


def _wait_for_loop(platform: Platform, service: str) -> None:
    wait_until("a third restart by Docker", lambda: platform.container(service).restart_count >= 3)


def _undo_on(service: str) -> Undo:
    def undo(platform: Platform, memo: Memo) -> None:
        # A new container: the marks of a crash (restart count, OOMKilled) stay on the old one.
        recreate(platform, service)
        make_well(platform, service)

    return undo


def _undo_bad_release(platform: Platform, memo: Memo) -> None:
    _undo_on("reporting-service")(platform, memo)
    if platform.docker("images", "-q", BAD_IMAGE).strip():
        platform.docker("rmi", BAD_IMAGE)


FAULTS = (
    Fault(
        "crash-kill", "service_crash",
        "The process of reporting-service is killed (SIGKILL); Docker starts it again.",
        _inject_kill, _undo_on("reporting-service"),
    ),
    Fault(
        "crash-stopped", "service_crash",
        "user-service is killed through Docker (exit code 137) and stays down.",
        _inject_stopped, _undo_on("user-service"),
    ),
    Fault(
        "crash-oom", "service_crash",
        "reporting-service takes more memory than its limit: the kernel kills it, Docker starts it again.",
        _inject_out_of_memory, _undo_on("reporting-service"),
    ),
    Fault(
        "crash-oom-stopped", "service_crash",
        "reporting-service takes more memory than its limit: the kernel kills it, and it stays down.",
        _inject_out_of_memory_for_good, _undo_on("reporting-service"),
    ),
    Fault(
        "crash-loop", "service_crash",
        "user-service has lost its JWT_SECRET and exits with 78 again and again.",
        _inject_loop, _undo_on("user-service"),
    ),
    Fault(
        "crash-bad-release", "service_crash",
        "reporting-service runs a new image that cannot start (exit code 1).",
        _inject_bad_release, _undo_bad_release,
    ),
)  # fmt: skip
