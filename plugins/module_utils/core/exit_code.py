# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the exit code of a container means. Sources: signal(7), sysexits.h, ``docker run --help``'s exit status."""

from __future__ import annotations

_KNOWN = {
    0: "it ended without an error",
    65: "it does not accept its data",
    66: "an input file is missing",
    69: "something that it needs is unavailable",
    70: "an internal error",
    74: "an input or output error",
    78: "its configuration is wrong",
    125: "Docker itself could not run it",
    126: "its entry point cannot be executed",
    127: "its entry point does not exist",
    129: "SIGHUP",
    130: "SIGINT",
    131: "SIGQUIT",
    132: "SIGILL: an instruction that this CPU does not have",
    134: "SIGABRT: it gave itself up",
    135: "SIGBUS: a memory error",
    136: "SIGFPE: an arithmetic error",
    137: "SIGKILL: killed from outside, or by the kernel for lack of memory",
    139: "SIGSEGV: a segmentation fault",
    143: "SIGTERM: asked to end",
}


def explain_exit_code(code: int, *, oom_killed: bool = False) -> str:
    """A few words: the signal, or the usual meaning."""
    if code == 137 and oom_killed:
        return "SIGKILL by the kernel: it was out of memory"
    if code in _KNOWN:
        return _KNOWN[code]
    return f"signal {code - 128}" if 128 < code < 160 else "an error of the program"
