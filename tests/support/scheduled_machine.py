# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine below a temporary folder that schedule.yml sets up: folders, ansible-playbook and systemctl of its own."""

from __future__ import annotations

import getpass
import itertools
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from playbook_run import ROOT, PlaybookRun, run_playbook

# Writes down how it was called and what it found; `wait` keeps it running, `fail` makes it fail.
_ANSIBLE_PLAYBOOK = """#!/bin/sh
{ printf '%s\\n' "$@"; printf 'cwd %s\\n' "$PWD"; printf 'secret %s\\n' "$SECRET"; printf 'home %s\\n' "$HOME"; } \\
    >>'FOLDER/called'
cat 'FOLDER/wait' 2>/dev/null
if [ -e 'FOLDER/fail' ]; then echo 'the inventory cannot be read' >&2; exit 4; fi
echo all is well
"""
# What systemd would say of the timers, with its memory in files.
_SYSTEMCTL = """#!/bin/sh
state='FOLDER/systemd'
echo "$*" >>'FOLDER/systemctl'
case "$1" in
    show) [ -e "UNITS/$2" ] && echo LoadState=loaded || echo LoadState=not-found
          [ -e "$state/active-$2" ] && echo ActiveState=active || echo ActiveState=inactive ;;
    is-enabled) if [ -e "$state/enabled-$2" ]; then echo enabled; else echo disabled; exit 1; fi ;;
    enable) touch "$state/enabled-$2" ;;
    disable) rm "$state/enabled-$2" ;;
    start|restart) touch "$state/active-$2" ;;
    stop) rm "$state/active-$2" ;;
    daemon-reload) ;;
    *) exit 1 ;;
esac
"""


class ScheduledMachine:
    """Where a schedule is set up, and what is found there.

    :param service_manager: what this machine's facts are said to be.
    """

    def __init__(self, folder: Path, service_manager: str) -> None:
        self.folder = folder
        self.units, self.crontabs, self.config = folder / "units", folder / "cron.d", folder / "con fig"
        self._runs = itertools.count()
        self._service_manager = service_manager
        for path in (self.units, self.crontabs, folder / "venv", folder / "bin", folder / "systemd"):
            path.mkdir()
        # Not in the folder of PATH: the run that sets the schedule up takes a real one.
        self._program("venv/ansible-playbook", _ANSIBLE_PLAYBOOK)
        self._program("bin/systemctl", _SYSTEMCTL)
        self._write_playbook()

    def set_up(self, *options: str, **variables: Any) -> PlaybookRun:
        """Run schedule.yml."""
        return self._run("set_up.yml", *options, **{**self._fixed(), **variables})

    def refusals(self, cases: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """Hand the role each of these variables, all in one run, and return what the role said when it refused them."""
        role = {"name": "agentfoundry.incident_response.schedule"}
        note = {
            "told": "{{ told | default({}) | combine({case: ansible_failed_result | to_json(ensure_ascii=false)}) }}"
        }
        tasks = [
            {
                "name": name,
                "block": [{"name": "Set it up", "ansible.builtin.include_role": role, "vars": dict(variables)}],
                "rescue": [{"name": "Note it", "ansible.builtin.set_fact": note, "vars": {"case": name}}],
            }
            for name, variables in cases.items()
        ]
        last = {"name": "Hand it on", "ansible.builtin.set_stats": {"data": {"told": "{{ told | default({}) }}"}}}
        play = {"name": "Refuse", "hosts": "localhost", "gather_facts": False, "tasks": [*tasks, last]}
        # No extra variables: those of a case would not get past them.
        play["vars"] = self._fixed()
        (self.folder / "refuse.yml").write_text(json.dumps([self._facts(), play]), encoding="utf-8")
        run = self._run("refuse.yml")
        assert run.rc == 0, run.output
        (stats,) = [event for event in run.events if event["event"] == "playbook_on_stats"]
        return dict(stats["event_data"]["artifact_data"]["told"])

    def _fixed(self) -> dict[str, Any]:
        return {
            "schedule_become": False,
            "schedule_manage_user": False,
            "schedule_user": getpass.getuser(),
            "schedule_home": str(self.folder / "home"),
            "schedule_directory": str(self.folder),
            "schedule_inventory": [str(ROOT / "inventory")],
            "schedule_ansible_playbook": str(self.folder / "venv" / "ansible-playbook"),
            "schedule_record_dir": str(self.folder / "record"),
            "schedule_config_dir": str(self.config),
            "schedule_unit_dir": str(self.units),
            "schedule_cron_dir": str(self.crontabs),
            "__schedule_systemd_runtime": str(self.folder / "systemd"),
        }

    def _run(self, playbook: str, *options: str, **variables: Any) -> PlaybookRun:
        return run_playbook(
            str(self.folder / playbook),
            self.folder / f"run{next(self._runs)}",
            variables=variables,
            options=options,
            environment={"PATH": self.path, "ANSIBLE_PIPELINING": "1"},
        )

    @property
    def path(self) -> str:
        """``PATH`` with this machine's programs first."""
        return f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"

    def files(self) -> dict[str, int]:
        """Files of the schedule and of anybody else, with their modes."""
        return {
            str(path.relative_to(self.folder)): path.stat().st_mode & 0o777
            for place in (self.units, self.crontabs, self.config)
            if place.exists()
            for path in sorted(place.iterdir())
        }

    def called(self) -> list[str]:
        """Return what ansible-playbook was called with and found, and forget it."""
        return self._read_and_forget("called")

    def systemctl(self) -> list[str]:
        """Return what systemctl was told to do, without mere questions, and forget it."""
        return [call for call in self._read_and_forget("systemctl") if not call.startswith(("show", "is-enabled"))]

    def timers(self, state: str) -> list[str]:
        """:param state: ``active`` or ``enabled``."""
        return sorted(path.name.partition("-")[2] for path in (self.folder / "systemd").glob(f"{state}-*"))

    def _read_and_forget(self, name: str) -> list[str]:
        path = self.folder / name
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def _program(self, name: str, text: str) -> None:
        path = self.folder / name
        text = text.replace("FOLDER", str(self.folder)).replace("UNITS", str(self.units))
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def _write_playbook(self) -> None:
        second = {"name": "Schedule", "ansible.builtin.import_playbook": str(ROOT / "playbooks" / "schedule.yml")}
        (self.folder / "set_up.yml").write_text(json.dumps([self._facts(), second]), encoding="utf-8")

    def _facts(self) -> dict[str, Any]:
        said = {"ansible_service_mgr": self._service_manager, "cacheable": True}
        fact = {"name": "Say what manages the services", "ansible.builtin.set_fact": said}
        return {"name": "Facts", "hosts": "localhost", "gather_facts": False, "tasks": [fact]}


def standard_jobs() -> dict[str, dict[str, Any]]:
    """Return the jobs that come with the role, by name."""
    defaults = yaml.safe_load((ROOT / "roles" / "schedule" / "defaults" / "main.yml").read_text(encoding="utf-8"))
    return {job["name"]: job for job in defaults["schedule_standard_jobs"]}
