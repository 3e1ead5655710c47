# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus, Alertmanager and their tools, which scripts/setup/monitoring.sh brings."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from checkout import ROOT

PROGRAMS = ROOT / ".cache" / "monitoring" / "bin"
needs_monitoring = pytest.mark.skipif(
    not PROGRAMS.is_dir(), reason="Prometheus and Alertmanager are missing: run scripts/setup/monitoring.sh"
)
needs_alertmanager = pytest.mark.skipif(
    not Path("/usr/share/prometheus/alertmanager/default.tmpl").is_file(),
    reason="the templates of Alertmanager are missing: run scripts/setup/monitoring.sh as root",
)
needs_java = pytest.mark.skipif(
    shutil.which("java") is None, reason="ansible-rulebook needs Java 17: run scripts/setup/monitoring.sh"
)


def tool(name: str, *arguments: str, stdin: str = "", folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run promtool or amtool and return what it said."""
    return subprocess.run(
        [str(PROGRAMS / name), *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
