# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the probes of the disk see: real folders, a made-up /proc, and recorded answers of the engine."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from scripted_runner import ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import DiskFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import (
    BackupPolicy,
    DiskSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk import (
    Measured,
    container_logs,
    docker_root,
    measure_path,
    probe_disk,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_deleted import deleted_files
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_detail import (
    DetailMeans,
    kept_by_incidents,
    probe_detail,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_litter import look_at_litter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_logs import other_logs
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_wal import read_wal
from checkout import ROOT

SYSTEM_DF = (ROOT / "tests/fixtures/disk/system_df.json").read_text(encoding="utf-8")
VALUES = os.statvfs_result((4096, 4096, 100, 50, 40, 10, 5, 5, 0, 255))


def container(service: str = "web", **fields: Any) -> dict[str, Any]:
    """What the engine says of a container."""
    return {
        "Id": f"id-{service}",
        "Name": f"/shop-{service}-1",
        "ResolvConfPath": f"/srv/docker/containers/id-{service}/resolv.conf",
        "Config": {"Labels": {"com.docker.compose.service": service}},
        **fields,
    }


def probe(settings: DiskSettings, *inspected: dict[str, Any], where: dict[str, int] | None = None) -> DiskFacts:
    """Look at a host on which these paths lie on these devices; others are not there."""
    places = {"/": 1, "/state": 1, **(where or {})}

    def measure(path: str) -> Measured | None:
        if path not in places:
            return None
        return Measured({1: "/", 2: "/data"}[places[path]], places[path], VALUES)

    return probe_disk(inspected, settings, "/state", {}, deadline=2, measure=measure)


@pytest.mark.parametrize(
    "path, root",
    [
        ("/var/lib/docker/containers/ab/resolv.conf", "/var/lib/docker"),
        ("/srv/docker/containers/ab/resolv.conf", "/srv/docker"),
        ("", ""),
        ("/elsewhere/resolv.conf", ""),
    ],
)
def test_dockers_root_is_told_by_where_it_keeps_a_containers_files(path: str, root: str) -> None:
    assert docker_root([{}, {"ResolvConfPath": path}]) == root


def test_each_file_system_is_measured_once_and_says_what_lies_on_it() -> None:
    mounts = [
        {"Source": "/data/pg", "Name": "shop_pg", "RW": True},
        {"Source": "/data/read", "RW": False},
        {"Source": "/var/run/docker.sock", "RW": True},
        {"Source": "/proc/sys", "RW": True},
    ]
    seen = probe(DiskSettings(), container("db", Mounts=mounts), where={"/data/pg": 2, "/srv/docker": 1})

    assert [(item.mount, item.services) for item in seen.file_systems] == [("/", ()), ("/data", ("db",))]
    assert seen.file_systems[0].holds == ("Docker's root", "the record of incidents")
    assert seen.file_systems[1].holds == ("volume shop_pg of db",)
    assert (seen.docker_root, seen.docker_device) == ("/srv/docker", 1)


def test_a_path_that_somebody_named_is_missed_and_others_are_not() -> None:
    settings = DiskSettings(paths=("/named",), backups=(BackupPolicy("/backups"),))
    seen = probe(settings, container(Mounts=[{"Source": "/gone", "RW": True}]))
    assert [(item.path, item.absent) for item in seen.unmeasured] == [("/backups", True), ("/named", True)]


def test_a_path_that_hangs_costs_its_deadline_and_is_named() -> None:
    never = threading.Event()

    def measure(path: str) -> Measured | None:
        if path == "/dead":
            never.wait(30)
        return Measured("/", 1, VALUES)

    try:
        seen = probe_disk([], DiskSettings(paths=("/dead",)), "/state", {}, deadline=0.2, measure=measure)
    finally:
        never.set()

    (dead,) = seen.unmeasured
    assert (dead.path, dead.absent) == ("/dead", False)
    assert len(seen.file_systems) == 1


def test_a_real_folder_is_measured_at_its_mount_and_a_missing_one_is_none(tmp_path: Path) -> None:
    seen = measure_path(str(tmp_path))
    assert seen is not None
    assert os.path.ismount(seen.mount)
    assert measure_path(str(tmp_path / "nowhere")) is None


@pytest.mark.parametrize(
    "text, configured",
    [
        ('{"log-opts": {"max-size": "10m"}}', True),
        ('{"log-driver": "local"}', True),
        ('{"log-opts": {"max-size": "-1"}}', False),
        ('{"log-driver": "journald", "log-opts": {"max-size": "10m"}}', False),
        ("{}", False),
        ("{", False),
        ("", False),
        (None, False),
    ],
)
def test_whether_daemon_json_asks_for_rotation(tmp_path: Path, text: str | None, configured: bool) -> None:
    path = tmp_path / "daemon.json"
    if text is not None:
        path.write_text(text)
    assert probe(DiskSettings(daemon_json=str(path))).rotation_configured is configured


def test_the_size_of_a_log_is_that_of_all_its_files_and_links_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    for name, size in (("web.log", 10), ("web.log.1", 20), ("web.log.2.gz", 5), ("web.log.4", 100)):
        (tmp_path / name).write_bytes(b"x" * size)
    link = tmp_path / "db.log"
    link.symlink_to(path)

    def logged(service: str, path: Path, driver: str = "json-file") -> dict[str, Any]:
        config = {"Type": driver, "Config": {"max-size": "10m"}}
        return container(service, LogPath=str(path), HostConfig={"LogConfig": config})

    web, db = container_logs([logged("web", path), logged("db", link), logged("journal", path, "journald")])
    assert (web.service, web.size, web.rotated) == ("web", 35, True)
    assert (db.service, db.size) == ("db", None)


def test_the_logs_of_other_containers_of_the_host_are_seen_as_well(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 10)

    def logged(service: str, **options: str) -> dict[str, Any]:
        config = {"Type": "json-file", "Config": options}
        return container(service, LogPath=str(path), HostConfig={"LogConfig": config})

    entries = [logged("web"), logged("mill"), logged("tidy", **{"max-size": "1m"})]
    docker = DockerCli(ScriptedRunner(("ps", "id-web\nid-mill\nid-tidy\n"), ("inspect", json.dumps(entries))))

    assert [log.service for log in other_logs(docker, {"id-web"}, deadline=5)] == ["mill"]
    with pytest.raises(CommandFailedError):
        other_logs(DockerCli(ScriptedRunner(("ps", answered(exit_code=1)))), (), deadline=5)


def test_deleted_files_are_found_once_with_the_service_that_holds_them(tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file, path.open("rb"):
        file.write(b"x" * (2 << 20))
        file.flush()
        device = path.stat().st_dev
        path.unlink()

        found = [item for item in deleted_files({device: "/"}, {os.getpid(): "tests"}) if item.path == str(path)]
        elsewhere = [item for item in deleted_files({device + 1: "/x"}, {}) if item.path == str(path)]

    assert [(item.pid, item.service, item.size >= 2 << 20) for item in found] == [(os.getpid(), "tests", True)]
    assert elsewhere == []


def test_the_look_at_litter_asks_for_images_by_all_labels() -> None:
    runner = ScriptedRunner(("system df", SYSTEM_DF), ("images", ""), ("inspect", "[]"))
    seen = look_at_litter(DockerCli(runner), DiskSettings(labels=("a=1", "b")), 0.0)
    asked = next(call for call in runner.calls if "images" in call)
    assert [word for word in asked if word.startswith("label=")] == ["label=a=1", "label=b"]
    assert "dangling=true" in asked
    assert (seen.images.ids, seen.build_cache.ids) == ((), ())


def test_a_container_whose_end_cannot_be_read_is_never_old() -> None:
    stopped = '{"Containers": [{"ID": "c1", "State": "exited"}]}'
    entry = '[{"Id": "c1", "Name": "/x", "Created": "", "State": {"Running": false, "FinishedAt": "soon"}}]'
    runner = ScriptedRunner(("system df", stopped), ("inspect", entry))
    seen = look_at_litter(DockerCli(runner), DiskSettings(container_age_h=1), 1e12)
    assert (len(seen.stopped), seen.containers.ids) == (1, ())


@pytest.mark.parametrize("reply", [answered(exit_code=1), hung(60), "no JSON", "[]"])
def test_an_engine_that_does_not_tell_its_use_is_named_and_the_rest_is_still_told(reply: Any, tmp_path: Path) -> None:
    docker = DockerCli(ScriptedRunner(("system df", reply), ("ps", "")))
    with pytest.raises(CommandFailedError):
        look_at_litter(docker, DiskSettings(), 0.0)

    settings = DiskSettings(backups=(BackupPolicy(str(tmp_path)),))
    detail = probe_detail(DiskFacts(), DetailMeans(docker, settings, 0.0))

    assert detail.litter == ()
    assert [problem.startswith("docker system df: Docker's own use") for problem in detail.problems] == [True]
    assert [item.problem for item in detail.backups] == [""]


@pytest.mark.parametrize(
    "incidents, kept",
    [
        ([], set()),
        ([{"services": ["web", "db"]}], {("shop", "web"), ("shop", "db")}),
        ([{"services": []}], {("shop", "")}),
        ([{}], {("shop", "")}),
    ],
)
def test_an_incident_keeps_the_containers_of_its_services_or_of_all(incidents: list[Any], kept: set[Any]) -> None:
    assert kept_by_incidents("shop", incidents) == kept


@pytest.mark.parametrize(
    "row, slots",
    [
        ({"bytes": 5, "slots": []}, ()),
        ({"bytes": 5, "slots": [{"name": "a", "active": False, "bytes": 3}]}, (("a", False, 3),)),
    ],
)
def test_the_write_ahead_log_as_the_server_tells_it(row: dict[str, Any], slots: tuple[Any, ...]) -> None:
    found = read_wal("db", row)
    assert found is not None
    assert (found.size, found.slots) == (5, slots)


@pytest.mark.parametrize("row", [None, [], {}, {"bytes": "x", "slots": []}, {"bytes": 1, "slots": [{}]}])
def test_an_answer_of_another_shape_tells_nothing(row: Any) -> None:
    assert read_wal("db", row) is None
