# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that make room, as Ansible runs them: results, check mode, second runs, and options that cannot be."""

from __future__ import annotations

import json
import os
import time
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fake_docker import Answer, FakeDocker
from module_run import run_main
from record_fakes import an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.disk_arguments import (
    kept_services,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import incident_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer
from ansible_collections.agentfoundry.incident_response.plugins.modules import (
    backup_clean,
    container_log,
    disk_prune,
    log_rotation,
)

STOPPED = [
    {
        "Id": f"c-{name}",
        "Name": f"/{name}",
        "Created": "2020-01-01T00:00:00Z",
        "State": {"Running": False, "FinishedAt": "2020-01-01T00:00:00Z"},
        "Config": {
            "Labels": {
                "com.docker.compose.project": "shop",
                "com.docker.compose.service": name,
                "com.docker.compose.oneoff": "True",
                "com.docker.compose.config-hash": "c0ffee",
            }
        },
        "HostConfig": {"LogConfig": {"Type": "json-file", "Config": {}}},
    }
    for name in ("job", "report")
]
USAGE = {"Containers": [{"ID": entry["Id"], "State": "exited", "Size": "5MB"} for entry in STOPPED]}
EMPTY: dict[str, Any] = {"Containers": []}


def docker(folder: Path, usage: dict[str, Any] = USAGE) -> FakeDocker:
    return FakeDocker(
        folder,
        [
            Answer("info*", f"{folder}\n"),
            Answer("system?df*", json.dumps(usage)),
            Answer("ps*", "c-job\nc-report\n"),
            Answer("inspect*", json.dumps(STOPPED)),
            Answer("container?rm*", "gone\n"),
        ],
    )


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """Five backups of 10 to 50 days."""
    folder = tmp_path / "backups"
    folder.mkdir()
    for days in (10, 20, 30, 40, 50):
        path = folder / f"{days}.dump"
        path.write_bytes(b"x" * 5000)
        os.utime(path, (time.time() - days * 86400,) * 2)
    return folder


def test_containers_of_an_open_incident_stay(tmp_path: Path) -> None:
    incident = an_incident(platform="shop", services=("job",))
    Writer(str(tmp_path / "state")).run(partial(incident_table.add, incident=incident))
    engine = docker(tmp_path)
    options = {"what": "containers", "docker_cli": engine.path, "state_dir": str(tmp_path / "state")}

    rehearsed = run_main(disk_prune.main, options, check_mode=True, diff=True)
    assert (rehearsed["changed"], rehearsed["diff"]["before"]) == (True, "containers report\n")
    assert not any(call.startswith("container rm") for call in engine.calls)

    result = run_main(disk_prune.main, options)
    assert [entry["name"] for entry in result["actions"]] == ["report"]
    assert [call for call in engine.calls if call.startswith("container rm")] == ["container rm c-report"]
    # Ansible adds mode, owner and size of a file to a result that has a path.
    assert not {"path", "mode", "owner", "size"} & set(result)


@pytest.mark.parametrize(
    "scenario, services, kept",
    [
        ("service_crash", ("job",), {("shop", "job")}),
        ("engine", (), {("shop", "")}),
        # The incident that the run itself has opened keeps nothing.
        ("disk_space", (), set()),
    ],
)
def test_which_services_open_incidents_keep(
    tmp_path: Path, scenario: str, services: tuple[str, ...], kept: set[tuple[str, str]]
) -> None:
    incident = an_incident(platform="shop", scenario=scenario, services=services)
    Writer(str(tmp_path / "state")).run(partial(incident_table.add, incident=incident))
    assert kept_services(str(tmp_path / "state")) == kept
    assert kept_services(str(tmp_path / "none")) == set()


def test_a_record_that_cannot_be_read_lets_nothing_go(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "incident_response.sqlite").write_text("no database at all, but long enough to be taken for one" * 40)
    engine = docker(tmp_path)

    result = run_main(disk_prune.main, {"what": "containers", "docker_cli": engine.path, "state_dir": str(state)})

    assert result["failed"]
    assert "record" in result["msg"]
    assert not any(call.startswith("container rm") for call in engine.calls)


def test_an_engine_with_nothing_to_prune_is_not_changed(tmp_path: Path) -> None:
    engine = docker(tmp_path, EMPTY)
    options = {"what": "containers", "docker_cli": engine.path, "state_dir": str(tmp_path / "none")}
    assert run_main(disk_prune.main, options)["changed"] is False


def test_backups_go_by_their_policy_and_a_second_run_changes_nothing(backups: Path) -> None:
    options = {"path": str(backups), "pattern": "*.dump", "keep": 2, "older_than_days": 25}

    rehearsed = run_main(backup_clean.main, options, check_mode=True, diff=True)
    assert (rehearsed["changed"], len(list(backups.iterdir()))) == (True, 5)
    assert rehearsed["diff"]["before"] == "backup 50.dump\nbackup 40.dump\nbackup 30.dump\n"

    result = run_main(backup_clean.main, options)
    assert [entry["name"] for entry in result["actions"]] == ["50.dump", "40.dump", "30.dump"]
    assert {path.name for path in backups.iterdir()} == {"10.dump", "20.dump"}
    assert run_main(backup_clean.main, options)["changed"] is False


def test_rotation_is_merged_once_and_lists_every_container_of_the_host(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_text('{"data-root": "/srv"}')
    options = {"path": str(path), "docker_cli": docker(tmp_path).path}

    rehearsed = run_main(log_rotation.main, options, check_mode=True, diff=True)
    assert (rehearsed["changed"], path.read_text()) == (True, '{"data-root": "/srv"}')
    assert '"max-size": "10m"' in rehearsed["diff"]["after"]

    result = run_main(log_rotation.main, options)
    assert (result["changed"], result["restart_needed"], result["recreate"]) == (True, True, ["job", "report"])
    assert Path(result["backup"]).read_text() == '{"data-root": "/srv"}'
    again = run_main(log_rotation.main, options)
    assert (again["changed"], again["restart_needed"], again["recreate"]) == (False, False, ["job", "report"])


def test_invalid_json_is_refused_by_its_path_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_text("{oops")
    result = run_main(log_rotation.main, {"path": str(path), "docker_cli": docker(tmp_path).path})
    assert result["failed"]
    assert str(path) in result["msg"]
    assert "not touched" in result["msg"]
    assert path.read_text() == "{oops"


PRUNE = {"what": "images"}
CLEAN = {"path": "/srv/backups"}
LOG = {"project": "shop", "services": ["web"], "archive_dir": "/kept"}


@pytest.mark.parametrize(
    "module, options, named",
    [
        (disk_prune, {"what": "volumes"}, "what"),
        (disk_prune, {**PRUNE, "target_percent": 101}, "target_percent"),
        (disk_prune, {**PRUNE, "target_percent": -1}, "target_percent"),
        (disk_prune, {**PRUNE, "most_bytes": -1}, "most_bytes"),
        (disk_prune, {**PRUNE, "disk": {"image_age": 3}}, "disk.image_age"),
        (backup_clean, {}, "path"),
        (backup_clean, {**CLEAN, "keep": 0}, "keep"),
        (backup_clean, {**CLEAN, "pattern": "../*"}, "pattern"),
        (backup_clean, {**CLEAN, "older_than_days": -1}, "older_than_days"),
        (backup_clean, {"path": "/etc"}, "path"),
        (log_rotation, {"max_size": "ten"}, "max_size"),
        (log_rotation, {"max_size": "0m"}, "max_size"),
        (log_rotation, {"max_file": 0}, "max_file"),
        (container_log, {**LOG, "services": []}, "services"),
        (container_log, {**LOG, "archive_dir": "kept"}, "archive_dir"),
        (container_log, {**LOG, "tail_bytes": 0}, "tail_bytes"),
    ],
)
def test_an_option_that_cannot_be_used_is_named_before_anything_is_touched(
    tmp_path: Path, module: ModuleType, options: dict[str, Any], named: str
) -> None:
    engine = docker(tmp_path)
    where = {} if module is backup_clean else {"docker_cli": engine.path}

    result = run_main(module.main, {**where, **options})

    assert result["failed"]
    assert named in result["msg"]
    assert engine.calls == []
