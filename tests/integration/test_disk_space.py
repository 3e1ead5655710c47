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
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from file_systems import fill_bytes, fill_inodes
from full_host import AGES, MB, PLAYBOOK, RESERVE, FullHost
from lab_record import LabRecord, attempts, kinds
from pictures import picture, touched
from playbook_run import Play, PlaybookRun
from record_fakes import an_incident
from small_engine import AVAILABLE, compose_labels, small_engine

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import incident_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer
from labtool.commands import wait_until
from labtool.lab import Lab


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
    full = host.everything()

    rehearsed = host.play("--check", "--diff")

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert bad(rehearsed)["disk.inodes"] == "critical"
    assert host.everything() == full

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
    full = host.everything()

    rehearsed = host.play("--check", "--diff", remediation_approved_actions=["truncate_log"])

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert [step["action"] for step in rehearsed.artifact["plan"]["steps"]] == ["log_rotation", "truncate_log"]
    assert host.everything() == full
    assert log.stat().st_size >= size

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
    consent = {"remediation_approved_actions": ["prune_stopped_containers"]}

    rehearsed = host.play("--check", "--diff", **too_much, **consent)

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert host.everything() == before

    refused = host.play(**too_much)

    assert (refused.rc, refused.ending, refused.actions) == (2, "refused", []), refused.output
    assert bad(refused)["disk.stopped_containers"] == "critical"
    assert host.everything()["containers"] == before["containers"]

    run = host.play(**too_much, **consent)

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


def on_the_lab(lab: Lab, folder: Path) -> dict[str, Any]:
    """Only what bears the lab's label may go: the engine is everybody's."""
    return {
        "disk_space_settings": {**AGES, "labels": [lab.beside_label]},
        "disk_space_daemon_json": str(folder / "daemon.json"),
    }


def test_a_full_disk_below_postgres_is_escalated_with_what_to_add_and_nothing_of_the_database_is_removed(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    lab.inject("disk-postgres-full")
    before = picture(lab)
    # PostgreSQL makes and removes files of its own all the time, but never this one.
    filler = ("stat", "-c", "%s %Y", "/var/lib/postgresql/data/filler")
    filled = lab.exec("postgres", *filler)

    run = play(PLAYBOOK, **on_the_lab(lab, tmp_path))

    assert (run.rc, run.ending, run.actions) == (2, "escalated", []), run.output
    assert bad(run)["disk.bytes"] == "critical"
    assert bad(run)["disk.expand"] == "warning"
    assert "from it" in next(line for line in run.output.splitlines() if "only suffer" in line and "postgres" in line)
    assert f"volume {lab.project}_smallpg of postgres" in run.output
    assert "or expand it by 4" in run.failures[-1]
    incident = record.only
    assert (incident["state"], incident["escalated"], kinds(incident)) == ("open", True, ["opened", "escalated"])
    assert lab.exec("postgres", *filler) == filled
    assert not any(run.calls(name) for name in ("disk_prune", "backup_clean", "container_log", "log_rotation"))

    again = play(PLAYBOOK, **on_the_lab(lab, tmp_path))

    assert (again.rc, again.ending, again.changed) == (2, "escalated", 0), again.output
    assert touched(before, picture(lab)) == set()

    lab.undo("disk-postgres-full")
    well = play(PLAYBOOK, **on_the_lab(lab, tmp_path))

    assert (well.rc, well.ending, record.only["state"]) == (0, "healthy", "resolved"), well.output


def test_a_flooded_log_and_dockers_litter_on_a_platform_with_room_are_cleared_by_approval(
    lab: Lab, play: Play, record: LabRecord, tmp_path: Path
) -> None:
    ours = ("--filter", f"label={lab.beside_label}")
    lab.inject("disk-log-flood")
    lab.inject("disk-docker-litter")
    before = picture(lab)
    wish = {
        **on_the_lab(lab, tmp_path),
        "disk_space_thresholds": {"disk_log_bytes": 50 * MB, "disk_litter_bytes": 3 * MB},
        "remediation_approved_actions": ["prune_stopped_containers", "truncate_log"],
    }

    rehearsed = play(PLAYBOOK, "--check", "--diff", **wish)

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert not record.was_written
    assert not (tmp_path / "daemon.json").exists()
    assert len(lab.docker("images", "-q", *ours).split()) == 3
    assert len(lab.docker("ps", "-aq", *ours).split()) == 3

    run = play(PLAYBOOK, **wish)

    assert (run.rc, run.ending) == (0, "healed"), run.output
    assert run.actions == ["prune_dangling_images", "log_rotation", "prune_stopped_containers", "truncate_log"]
    assert lab.docker("images", "-q", *ours).split() == []
    assert lab.docker("ps", "-aq", *ours).split() == []
    assert touched(before, picture(lab)) == set()
    assert [path.suffix for path in (record.state_dir / "evidence").iterdir()] == [".gz"]
    assert record.only["state"] == "resolved"

    second = play(PLAYBOOK, **wish)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output


def tail(path: Path) -> bytes:
    """The last bytes of a file."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 500))
        return file.read()


def results(run: PlaybookRun, module: str) -> list[dict[str, Any]]:
    """Results of a module, those of each item where the task has a loop."""
    return [dict(one) for call in run.calls(module) for one in call.get("results", [call])]
