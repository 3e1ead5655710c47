# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook as a person does, without a lab."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from checkout import ROOT


def run_play(playbook: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook with this checkout's configuration.

    :param options: of ansible-playbook, the inventory among them.
    :param environment: beside that of the tests.
    """
    return subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), *options],
        cwd=ROOT,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
