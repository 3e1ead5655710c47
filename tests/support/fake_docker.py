# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An executable in place of Docker's client: it answers from files and notes how it was called."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What it prints for commands that match a pattern of the shell's ``case``.

    :param then: name of a state that it enters; answers with ``when`` count only in that state.
    """

    pattern: str
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    then: str = ""
    when: str = ""


@dataclass
class FakeDocker:
    """The executable ``path``, made of answers of which the first that fits is given."""

    folder: Path
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = str(self.folder / "docker")
        self._log = self.folder / "calls"
        self._log.touch()
        lines = ["#!/bin/sh", f'printf "%s\\n" "$*" >> {shlex.quote(str(self._log))}']
        for number, one in enumerate(self.answers):
            lines += self._lines(one, number)
        lines += ['echo "no answer is recorded for: $*" >&2', "exit 99"]
        Path(self.path).write_text("\n".join(lines) + "\n", encoding="utf-8")
        Path(self.path).chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """The arguments of each call, joined by spaces."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def _lines(self, one: Answer, number: int) -> list[str]:
        stdout, stderr = self.folder / f"{number}.out", self.folder / f"{number}.err"
        stdout.write_text(one.stdout, encoding="utf-8")
        stderr.write_text(one.stderr, encoding="utf-8")
        state = f"[ -e {shlex.quote(str(self.folder / one.when))} ] || continue" if one.when else ":"
        enter = f"touch {shlex.quote(str(self.folder / one.then))}" if one.then else ":"
        out, err = shlex.quote(str(stdout)), shlex.quote(str(stderr))
        answer = f"{enter}; cat {out}; cat {err} >&2; exit {one.exit_code}"
        return [f'for once in 1; do case "$*" in {one.pattern}) {state}; {answer};; esac; done']
