# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a figure was measured on: cores, memory, load and the versions of what ran."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

GIB = 2**30


def describe() -> str:
    """Return it as one paragraph. The name of the machine is left out."""
    engine = json.loads(_output("docker", "version", "--format", "{{json .}}"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores ({_processor()}) with "
        f"{memory:.0f} GiB and a load of {os.getloadavg()[0]:.1f} before it began: Python {platform.python_version()}, "
        f"ansible-core {version('ansible-core')}, Docker {engine['Server']['Version']}, "
        f"Compose {_output('docker', 'compose', 'version', '--short')}, Linux {platform.release()}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
