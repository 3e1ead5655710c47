# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running commands and waiting for conditions."""

from __future__ import annotations

import sys

import pytest

from labtool import commands
from labtool.commands import LabError, run, wait_until


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_a_command_gets_its_input_and_gives_its_output() -> None:
    assert run(python("import sys; print(sys.stdin.read().upper())"), stdin=b"lab") == "LAB\n"


@pytest.mark.parametrize(
    "argv,reason",
    [
        (python("import sys; sys.exit('no space left')"), "failed: no space left"),
        (python("raise SystemExit(3)"), "failed: exit code 3"),
        (["no-such-program-in-the-lab"], "is not installed"),
    ],
)
def test_a_command_that_fails_says_why(argv: list[str], reason: str) -> None:
    with pytest.raises(LabError, match=reason):
        run(argv)


def test_a_command_that_hangs_is_given_up() -> None:
    with pytest.raises(LabError, match=r"did not end within 0\.2 s"):
        run(python("import time; time.sleep(60)"), timeout=0.2)


def test_the_arguments_of_a_failed_command_are_not_shown() -> None:
    with pytest.raises(LabError) as caught:
        run([*python("raise SystemExit(1)"), "a-secret-argument"])
    assert "a-secret-argument" not in str(caught.value)


def test_waiting_ends_as_soon_as_the_condition_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "POLL_SECONDS", 0)
    answers = iter(["no", "error", "yes", "never asked for"])

    def condition() -> bool:
        answer = next(answers)
        if answer == "error":
            raise LabError("not yet")
        return answer == "yes"

    wait_until("the third answer", condition)
    assert list(answers) == ["never asked for"]


def test_waiting_in_vain_names_the_condition_and_the_last_error() -> None:
    def condition() -> bool:
        raise LabError("connection refused")

    with pytest.raises(LabError, match=r"in vain: a free slot \(connection refused\)"):
        wait_until("a free slot", condition, deadline=0)
