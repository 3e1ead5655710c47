# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands, and wait for what they bring about."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence

POLL_SECONDS = 0.1


class LabError(Exception):
    """Something in the lab did not work; the message is for a person."""


def run(argv: Sequence[str], stdin: bytes | None = None, timeout: float = 300) -> str:
    """Return what a command writes to standard output.

    Raises LabError with the end of its standard error when it fails, is not there or does not end in time (seconds).
    """
    shown = " ".join(argv[:2])
    try:
        done = subprocess.run(
            list(argv),
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
        )
    except FileNotFoundError:
        raise LabError(f"{argv[0]} is not installed: run scripts/setup/docker.sh") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"'{shown} ...' did not end within {timeout:g} s") from None
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise LabError(f"'{shown} ...' failed: {reason[-800:]}")
    return done.stdout.decode(errors="replace")


def wait_until(what: str, condition: Callable[[], bool], deadline: float = 60) -> None:
    """Return as soon as the condition holds; LabError names it when it does not within `deadline` seconds.

    A condition that raises LabError does not hold yet.
    """
    end = time.monotonic() + deadline
    last = ""
    while True:
        try:
            if condition():
                return
        except LabError as error:
            last = f" ({error})"
        if time.monotonic() >= end:
            raise LabError(f"waited {deadline:g} s in vain: {what}{last}")
        time.sleep(POLL_SECONDS)
