# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-1 to DS-5: a disk that is really full, below Docker's root, the record and Ansible's own folder for modules."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from file_systems import fill_bytes, fill_inodes
from lab_record import LabRecord, attempts, kinds
from playbook_run import PlaybookRun, run_playbook
from quick import QUICK
from record_fakes import an_incident
from small_engine import AVAILABLE, PROJECT, SmallEngine, compose_labels, small_engine

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import incident_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer
from labtool.commands import wait_until

PLAYBOOK = "remediate_disk_space.yml"
MB = 1_000_000
DAY = 86400
RESERVE = "incident_response.reserve"
AGES = {"build_cache_age_h": 0, "image_age_h": 0, "container_age_h": 0}
INVENTORY = """
platforms:
  hosts:
    small:
      ansible_connection: local
      ansible_python_interpreter: '{{ ansible_playbook_python }}'
"""


@dataclass
class FullHost:
    """A host whose one disk holds Docker's root, the record, the backups and the folder that Ansible copies modules to.

    :param folder: beside the disk, for what must not lie on it.
    """

    engine: SmallEngine
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def disk(self) -> Path:
        """Where it is mounted."""
        return self.engine.disk

    @property
    def record(self) -> LabRecord:
        """The record on the disk."""
        return LabRecord(self.disk / "state")

    @property
    def available(self) -> int:
        """Bytes that are left."""
        room = os.statvfs(self.disk)
        return room.f_bavail * room.f_frsize

    @property
    def used_percent(self) -> float:
        """Of bytes or inodes, whichever is scarcer."""
        room = os.statvfs(self.disk)
        shares = (1 - room.f_bavail / room.f_blocks, 1 - room.f_favail / room.f_files)
        return 100 * max(shares)

    def play(self, *options: str, **variables: Any) -> PlaybookRun:
        """Run the playbook. Ansible's own folder for modules is on the disk, as it is wherever /root is."""
        inventory = self.folder / "hosts.yml"
        inventory.write_text(INVENTORY)
        known = {
            "platform_project": PROJECT,
            "platform_docker_cli": str(self.engine.client),
            "platform_state_dir": str(self.disk / "state"),
            "disk_space_daemon_json": str(self.engine.daemon_json),
            "disk_space_settings": {**AGES, **self.settings},
        }
        return run_playbook(
            PLAYBOOK,
            Path(tempfile.mkdtemp(dir=self.folder)),
            variables={**QUICK, **known, **variables},
            options=options,
            environment={"ANSIBLE_REMOTE_TMP": str(self.disk / "ansible")},
            inventory=inventory,
        )

    def backups(self, *sizes: int, folder: str = "backups", files: int = 0) -> Path:
        """Make one backup of each size, the first the oldest (30, 29, ... days).

        :param files: makes each backup a folder of so many files of that size.
        """
        path = self.disk / folder
        path.mkdir(exist_ok=True)
        for number, size in enumerate(sizes):
            backup = path / f"{number:02d}.dump"
            inside = [backup] if not files else [backup / f"{part:04d}" for part in range(files)]
            for file in inside:
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(os.urandom(size))
            at = time.time() - (30 - number) * DAY
            for file in {*inside, backup}:
                os.utime(file, (at, at))
        self.settings["backups"] = [{"path": str(path), "pattern": "*.dump", "keep": 2, "older_than_days": 7}]
        return path

    def known(self) -> None:
        """Let a run find the host well: from then on there is a record, with its reserve."""
        run = self.play()
        assert (run.rc, run.ending, run.changed) == (0, "healthy", 0), run.output
        assert len(list((self.disk / "state").glob(f"{RESERVE}*"))) > 1

    def everything(self) -> dict[str, Any]:
        """What may not differ after a run that changes nothing."""
        here = [path for name in ("backups", "state") for path in sorted((self.disk / name).rglob("*"))]
        return {
            "containers": self.engine.containers,
            "images": self.engine.images,
            "cache": self.engine.build_cache,
            "daemon.json": self.engine.daemon_json.read_text(),
            "files": {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in here},
        }


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Iterator[FullHost]:
    """The host, with a disk of 200 MB that has room; its number of inodes can be given as a parameter."""
    if not AVAILABLE:
        pytest.skip("a second engine on a disk of its own takes root, dockerd and mkfs.ext4")
    # A socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix="ir-"))
    try:
        with small_engine(folder, inodes=getattr(request, "param", 0)) as engine:
            yield FullHost(engine, folder)
    finally:
        shutil.rmtree(folder)


def bad(run: PlaybookRun) -> dict[str, str]:
    """Id -> status of the findings about the host that are not fine."""
    return {one["id"]: one["status"] for one in run.artifact["findings"] if one["service"] == "the host"}


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_disk_without_a_byte_left_is_healed_least_harm_first_and_stops_at_the_target(host: FullHost) -> None:
    host.engine.compose_build(host.folder / "build", 5 * MB)
    host.engine.image(10 * MB)
    host.engine.image(10 * MB)
    host.engine.stopped("loose", 10 * MB)
    backups = host.backups(*[10 * MB] * 6)
    host.known()
    fill_bytes(host.disk / "somebody-elses-data")
    assert host.available == 0
    full = host.everything()

    rehearsed = host.play("--check", "--diff")

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert host.everything() == full
    assert bad(rehearsed)["disk.bytes"] == "critical"
    assert "Free 3" in rehearsed.output
    assert [step["action"] for step in rehearsed.artifact["plan"]["steps"]][:3] == [
        "prune_build_cache",
        "prune_dangling_images",
        "clean_backups",
    ]

    run = host.play()

    assert (run.rc, run.ending) == (0, "healed"), run.output
    assert run.actions == ["prune_build_cache", "prune_dangling_images", "clean_backups"]
    # It stopped at the target: five backups stay though the policy keeps two, and so does what is worse to lose.
    assert 70 < host.used_percent <= 80
    assert names(backups) == ["01.dump", "02.dump", "03.dump", "04.dump", "05.dump"]
    assert host.engine.containers == {"shop-web-1", "loose"}
    assert (host.engine.build_cache, len(host.engine.images)) == (0, 1)
    freed = [call["freed_bytes"] for name in ("disk_prune", "backup_clean") for call in results(run, name)]
    assert len(freed) == 3
    assert all(size >= 9.9 * MB for size in freed)
    # What is told is what was measured; the record took its reserve back meanwhile.
    assert sum(freed) == pytest.approx(host.available, abs=3 * MB)
    assert all("freed" in entry["message"] for entry in run.artifact["history"])
    assert "the reserve of the record was released" in run.output

    incident = host.record.only
    assert (incident["state"], incident["scenario"]) == ("resolved", "disk_space")
    assert kinds(incident) == ["opened", *["intent", "outcome"] * 3, "resolved"]
    assert attempts(incident) == [(action, "done") for action in run.actions]
    assert len(list((host.disk / "state").glob(f"{RESERVE}*"))) > 1
    healed = host.everything()

    second = host.play()

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output
    assert host.everything() == healed


@pytest.mark.parametrize("host", [4000], indirect=True, ids=["4000 inodes"])
def test_a_disk_without_an_inode_left_is_healed_and_every_act_is_still_written_down(host: FullHost) -> None:
    host.engine.image(*[10] * 20)
    backups = host.backups(*[10] * 6, files=300)
    newest = {path.name: path.read_bytes() for path in (backups / "05.dump").iterdir()}
    host.known()
    fill_inodes(host.disk / "somebody-elses-files")
    assert os.statvfs(host.disk).f_favail == 0
    assert host.available > 100 * MB

    run = host.play()

    assert (run.rc, run.ending) == (0, "healed"), run.output
    assert bad(run)["disk.inodes"] == "critical"
    assert "disk.bytes" not in bad(run)
    assert run.actions == ["prune_dangling_images", "clean_backups"]
    assert host.used_percent <= 80
    assert names(backups) == ["03.dump", "04.dump", "05.dump"]
    assert {path.name: path.read_bytes() for path in (backups / "05.dump").iterdir()} == newest
    assert "the reserve of the record was released" in run.output
    incident = host.record.only
    assert (incident["state"], attempts(incident)) == ("resolved", [(action, "done") for action in run.actions])

    second = host.play()

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output


def test_a_log_without_bounds_is_truncated_by_approval_and_its_end_is_kept_though_the_disk_is_full(
    host: FullHost,
) -> None:
    line = "connecting to the database with password=hunter2-and-more as it always did, over and over again"
    writer = f"yes '{line}' | head -c 40000000; while :; do echo still here; sleep 0.2; done"
    container = host.engine.service("flood", writer)
    log = Path(host.engine.inspect(container)["LogPath"])
    wait_until("59 MB of log", lambda: log.stat().st_size > 59 * MB and b"still here" in tail(log))
    host.known()
    fill_bytes(host.disk / "somebody-elses-data")
    started = host.engine.inspect(container)["State"]["StartedAt"]
    size = log.stat().st_size

    refused = host.play()

    assert (refused.rc, refused.ending, refused.actions) == (2, "refused", ["log_rotation"]), refused.output
    assert "truncate_log of flood is destructive and nobody has approved it" in refused.failures[-1]
    assert json.loads(host.engine.daemon_json.read_text()) == {
        "log-driver": "json-file",
        "log-opts": {"max-size": "10m", "max-file": "3"},
    }
    (rotation,) = refused.calls("log_rotation")
    assert (rotation["restart_needed"], rotation["recreate"]) == (True, ["shop-flood-1", "shop-web-1"])
    assert "a restart of dockerd, which this never does by itself" in refused.output
    assert host.engine.process.poll() is None
    assert log.stat().st_size >= size
    assert (host.record.only["state"], host.record.only["escalated"]) == ("open", True)

    again = host.play()

    assert (again.rc, again.ending, again.changed, again.actions) == (2, "refused", 0, []), again.output
    assert bad(again)["disk.log_recreate"] == "warning"

    run = host.play(remediation_approved_actions=["truncate_log"])

    assert (run.rc, run.ending, run.actions) == (0, "healed", ["truncate_log"]), run.output
    (truncation,) = run.calls("container_log")
    assert truncation["freed_bytes"] > 59 * MB
    assert log.stat().st_size < MB
    assert host.engine.inspect(container)["State"]["StartedAt"] == started
    wait_until("a new line in the log", lambda: b"still here" in tail(log))
    (archive,) = (host.disk / "state" / "evidence").iterdir()
    assert str(archive) == truncation["actions"][0]["archive"]
    assert archive.stat().st_mode & 0o777 == 0o600
    kept = gzip.decompress(archive.read_bytes()).decode()
    assert "still here" in kept
    assert "connecting to the database with password=" in kept
    assert "hunter2" not in kept + run.output
    assert host.record.only["state"] == "resolved"
    assert host.engine.process.poll() is None

    healthy = host.play()

    assert (healthy.rc, healthy.ending, healthy.changed) == (0, "healthy", 0), healthy.output


def test_litter_that_is_too_much_goes_by_approval_but_no_evidence_and_nothing_that_a_platform_needs(
    host: FullHost,
) -> None:
    host.known()
    evidence = an_incident(platform="mill", services=("job",))
    Writer(str(host.disk / "state")).run(partial(incident_table.add, incident=evidence))
    for name in ("first", "second"):
        host.engine.stopped(name, 10 * MB)
    host.engine.stopped("shop-worker-1", labels=compose_labels("worker"))
    host.engine.stopped("mill-job-run-1", labels={**compose_labels("job", "mill"), "com.docker.compose.oneoff": "True"})
    before = host.everything()
    too_much = {"disk_space_thresholds": {"disk_litter_bytes": 15 * MB}}

    refused = host.play(**too_much)

    assert (refused.rc, refused.ending, refused.actions) == (2, "refused", []), refused.output
    assert bad(refused)["disk.stopped_containers"] == "critical"
    assert host.everything()["containers"] == before["containers"]

    run = host.play(**too_much, remediation_approved_actions=["prune_stopped_containers"])

    assert (run.rc, run.ending, run.actions) == (0, "healed", ["prune_stopped_containers"]), run.output
    assert host.engine.containers == before["containers"] - {"first"}
    assert "1 more may go and stay, it is enough" in run.output

    # What the playbook names, docker system prune -f, knows nothing of platforms and incidents.
    last = [{"action": "system_prune", "tier": "destructive", "findings": ["disk.docker"], "statuses": ["warning"]}]
    everything_is_too_much = {"disk_space_thresholds": {"disk_litter_bytes": 1}, "disk_space_ladder": last}
    approved = {**everything_is_too_much, "remediation_approved_actions": ["system_prune"]}

    spared = host.play(**approved)

    assert (spared.rc, spared.ending) == (2, "escalated"), spared.output
    assert "must stay: mill-job-run-1, shop-worker-1" in spared.output
    assert host.engine.containers == before["containers"] - {"first"}

    host.engine.docker("rm", "mill-job-run-1", "shop-worker-1")
    host.engine.docker("network", "create", "lonely")
    host.engine.docker("volume", "create", "precious")
    host.engine.image(1000)

    pruned = host.play(**approved)

    assert (pruned.rc, pruned.ending, pruned.actions) == (0, "healed", ["system_prune"]), pruned.output
    assert host.engine.containers == {"shop-web-1"}
    assert host.engine.names("network", "ls", "--format", "{{.Name}}") == {"host", "none"}
    assert host.engine.names("volume", "ls", "--format", "{{.Name}}") == {"precious"}
    assert host.engine.names("images", "--format", "{{.Repository}}:{{.Tag}}") == {"small:1"}


def tail(path: Path) -> bytes:
    """The last bytes of a file."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 500))
        return file.read()


def results(run: PlaybookRun, module: str) -> list[dict[str, Any]]:
    """Results of a module, those of each item where the task has a loop."""
    return [dict(one) for call in run.calls(module) for one in call.get("results", [call])]
