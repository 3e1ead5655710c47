# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/examples/embed.py says why nothing ran. What it does when something runs, the integration tests see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checkout import ROOT


def embed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "docs" / "examples" / "embed.py"), *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "playbook, options, words",
    [
        ("not_there.yml", "", "not_there.yml could not be found"),
        ("playbooks/triage.yml", "--limit nobody", "leaves us with no hosts to target"),
        ("playbooks/triage.yml", "--nonsense", "unrecognized arguments: --nonsense"),
    ],
)
def test_a_run_in_which_no_play_began_says_why(playbook: str, options: str, words: str) -> None:
    run = embed(playbook, f"--options={options}")

    result = json.loads(run.stdout.splitlines()[-1])["result"]
    assert run.returncode == result["rc"] > 0
    assert (result["status"], result["artifacts"]) == ("failed", {})
    assert words in " ".join(result["said"].split())


@pytest.mark.parametrize("text", ["[1]", "{", "shop"])
def test_variables_that_are_no_object_are_refused_by_name(text: str) -> None:
    run = embed("playbooks/triage.yml", "--variables", text)

    assert (run.returncode, run.stdout) == (2, "")
    assert "argument --variables: invalid" in run.stderr
