# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""schedule.yml sets up a machine of its own below a temporary folder, by cron and by systemd. No lab is needed."""

from __future__ import annotations

import getpass
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from scheduled_machine import ScheduledMachine

from checkout import ROOT

SECRET = "p\"w$1`\\ it's 100 %"
OWN = {
    "name": "own",
    "playbook": "own playbook.yml",
    "calendar": "Mon..Fri 06:15",
    "cron": "15 6 * * 1-5",
    "timeout": 60,
    "extra_vars": {"channel": "50 % off $HOME"},
    "options": ["--limit", "shop 1"],
}


def test_cron_runs_the_jobs_until_the_schedule_is_taken_back(tmp_path: Path) -> None:
    machine = ScheduledMachine(tmp_path, "openrc")
    variables: dict[str, Any] = {
        "schedule_jobs": [OWN, {"name": "retention", "enabled": False}],
        "schedule_secrets": {"SECRET": SECRET},
    }
    rehearsed = machine.set_up("--check", "--diff", **variables)
    assert (rehearsed.rc, machine.files()) == (0, {}), rehearsed.output
    assert "+15 6 * * 1-5" in rehearsed.output
    assert not (tmp_path / "record").exists()

    stranger = machine.crontabs / "incident-response-of-another"
    stranger.write_text("# mine\n", encoding="utf-8")
    first, second = machine.set_up("--diff", **variables), machine.set_up("--check", "--diff", **variables)
    assert (first.rc, first.changed > 0, second.rc, second.changed) == (0, True, 0, 0), first.output + second.output
    assert [run for run in (rehearsed, first, second) if SECRET in run.output or "100 %" in run.output] == []
    assert machine.files() == {
        "cron.d/incident-response": 0o644,
        "cron.d/incident-response-of-another": stat.S_IMODE(stranger.stat().st_mode),
        "con fig/compliance.sh": 0o750,
        "con fig/escalate.sh": 0o750,
        "con fig/health_check.sh": 0o750,
        "con fig/own.sh": 0o750,
        "con fig/own.yml": 0o640,
        "con fig/secrets.env": 0o600,
    }
    assert stat.S_IMODE((tmp_path / "record").stat().st_mode) == 0o2770
    table = (machine.crontabs / "incident-response").read_text(encoding="utf-8").splitlines()
    user = getpass.getuser()
    assert 'MAILTO="root"' in table
    assert f"15 6 * * 1-5 {user} '{machine.config}/own.sh'" in table
    assert f"* * * * * {user} '{machine.config}/escalate.sh'" in table
    assert machine.systemctl() == []

    tried = machine.called()
    assert tried[0] == "--syntax-check"
    assert {"own playbook.yml", f"--extra-vars=@{machine.config}/own.yml"} < set(tried)
    check_the_script_of_the_job(machine, tmp_path)

    gone = machine.set_up(schedule_state="absent")
    assert gone.rc == 0, gone.output
    assert list(machine.files()) == ["cron.d/incident-response-of-another"]
    assert not machine.config.exists()
    assert (tmp_path / "home").is_dir()


def check_the_script_of_the_job(machine: ScheduledMachine, folder: Path) -> None:
    """It runs the job once at a time, ends it after its time, and tells cron only of a failure."""

    def start() -> subprocess.CompletedProcess[str]:
        return subprocess.run(script, env=inherited, capture_output=True, text=True, check=False, timeout=60)

    script, inherited = [str(machine.config / "own.sh")], {"PATH": os.environ["PATH"]}
    well = start()
    assert (well.returncode, well.stdout, well.stderr) == (0, "", "")
    assert machine.called() == [
        "--inventory",
        str(ROOT / "inventory"),
        "--extra-vars",
        f"@{machine.config}/own.yml",
        "--limit",
        "shop 1",
        "own playbook.yml",
        f"cwd {folder}",
        f"secret {SECRET}",
        f"home {folder / 'home'}",
    ]
    assert (folder / "home" / "own.log").read_text(encoding="utf-8") == "all is well\n"

    os.mkfifo(folder / "wait")
    with subprocess.Popen(script, env=inherited) as first:
        with (folder / "wait").open("w", encoding="utf-8"):  # opens once the first run reads it, and keeps it waiting
            another = start()
        assert first.wait(timeout=60) == 0
    assert (another.returncode, another.stdout, another.stderr) == (0, "", "")
    assert machine.called().count("own playbook.yml") == 1

    text = Path(script[0]).read_text(encoding="utf-8")
    assert text.count("timeout -k 30 60 ") == 1
    hurried = folder / "hurried.sh"
    hurried.write_text(text.replace("timeout -k 30 60 ", "timeout -k 30 0.2 "), encoding="utf-8")
    hurried.chmod(0o755)
    script = [str(hurried)]
    ended = start()
    assert (ended.returncode, ended.stdout) == (124, "The job own was ended after 60 seconds.\n")
    (folder / "wait").unlink()

    (folder / "fail").touch()
    failed = start()
    assert (failed.returncode, failed.stdout) == (4, "the inventory cannot be read\n")
    (folder / "fail").unlink()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing: package systemd")
def test_systemd_runs_the_jobs_until_the_schedule_is_taken_back(tmp_path: Path) -> None:
    machine = ScheduledMachine(tmp_path, "systemd")
    key = tmp_path / "vault password"
    key.touch(mode=0o600)
    variables: dict[str, Any] = {
        "schedule_jobs": [OWN, {"name": "retention", "enabled": False}],
        "schedule_secrets": {"SECRET": SECRET},
        "schedule_credentials": {"vault": {"file": str(key), "option": "--vault-password-file"}},
        "schedule_write_paths": ["/srv/re ports"],
    }

    wrong = {"schedule_jobs": [{**OWN, "calendar": "25:00"}], "schedule_service_settings": {"ProtectHoem": "tmpfs"}}
    refused = machine.set_up("--check", **{**variables, **wrong})
    assert refused.rc == 2
    assert "Failed to parse calendar specification, ignoring: 25:00" in refused.failures[-1]
    assert "'ProtectHoem'" in refused.failures[-1]
    assert (machine.files(), machine.systemctl()) == ({}, [])

    first, second = machine.set_up("--diff", **variables), machine.set_up("--check", "--diff", **variables)
    assert (first.rc, first.changed > 0, second.rc, second.changed) == (0, True, 0, 0), first.output + second.output
    assert [run for run in (first, second) if SECRET in run.output or "100 %" in run.output] == []
    jobs = ["compliance", "escalate", "health_check", "own"]
    units = {f"units/incident-response-{job}.{kind}": 0o644 for job in jobs for kind in ("service", "timer")}
    assert machine.files() == {**units, "con fig/own.yml": 0o640, "con fig/secrets.env": 0o600}
    assert machine.systemctl()[0] == "daemon-reload"
    timers = [f"incident-response-{job}.timer" for job in jobs]
    assert (machine.timers("enabled"), machine.timers("active")) == (timers, timers)
    check_the_units(machine, tmp_path)

    jobs_then = [
        {**OWN, "calendar": "06:30"},
        *({"name": name, "enabled": False} for name in ("retention", "escalate")),
    ]
    changed = machine.set_up(**{**variables, "schedule_jobs": jobs_then})
    assert changed.rc == 0, changed.output
    assert sorted(machine.systemctl()) == [
        "daemon-reload",
        "disable incident-response-escalate.timer",
        "restart incident-response-own.timer",
        "stop incident-response-escalate.timer",
    ]
    assert [name for name in machine.files() if "escalate" in name] == []

    gone = machine.set_up(schedule_state="absent")
    assert gone.rc == 0, gone.output
    assert (machine.files(), machine.timers("enabled"), machine.timers("active")) == ({}, [], [])
    assert machine.systemctl()[-1] == "daemon-reload"
    again = machine.set_up(schedule_state="absent")
    assert (again.rc, again.changed, machine.systemctl()) == (0, 0, []), again.output


def check_the_units(machine: ScheduledMachine, folder: Path) -> None:
    """systemd reads them without a word, and finds them well protected."""
    units = [str(path) for path in sorted(machine.units.iterdir())]
    verified = analyze("verify", *units)
    assert (verified.returncode, [line for line in verified.stderr.splitlines() if str(machine.units) in line]) == (
        0,
        [],
    )

    service = (machine.units / "incident-response-own.service").read_text(encoding="utf-8").splitlines()
    program = folder / "venv" / "ansible-playbook"
    assert (
        f"ExecStart={program} --inventory {ROOT}/inventory --vault-password-file ${{CREDENTIALS_DIRECTORY}}/vault"
        f' --extra-vars "@{machine.config}/own.yml" --limit "shop 1" "own playbook.yml"'
    ) in service
    assert f"LoadCredential=vault:{folder}/vault password" in service
    assert f'ReadWritePaths={folder}/home {folder}/record "/srv/re ports"' in service
    assert f"EnvironmentFile={machine.config}/secrets.env" in service
    assert {"Type=oneshot", "TimeoutStartSec=60", "NoNewPrivileges=true", "ProtectSystem=strict"} < set(service)
    timer = (machine.units / "incident-response-compliance.timer").read_text(encoding="utf-8").splitlines()
    assert {"OnCalendar=*-*-* 03:30:00", "Persistent=true", "RandomizedDelaySec=900"} < set(timer)


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)
