# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.cgroup import CgroupReader
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Resources

ID = "5acd239edc161567417ca012dc7294475949439fc18b9e6d3dc47c423e442ef2"
PID = 636

# Recorded on Debian 12 with Docker 20.10 (cgroupfs, version 1).
VERSION_1 = {
    "proc/636/cgroup": f"8:pids:/docker/{ID}\n4:memory:/docker/{ID}\n1:cpu,cpuacct:/docker/{ID}\n0::/\n",
    f"cgroup/memory/docker/{ID}/memory.usage_in_bytes": "30793728\n",
    f"cgroup/memory/docker/{ID}/memory.limit_in_bytes": "134217728\n",
    f"cgroup/memory/docker/{ID}/memory.stat": "cache 8388608\ntotal_inactive_file 793728\ntotal_active_file 4096\n",
    f"cgroup/memory/docker/{ID}/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    f"cgroup/cpu/docker/{ID}/cpu.stat": "nr_periods 100\nnr_throttled 40\nthrottled_time 1500000000\n",
    f"cgroup/cpuacct/docker/{ID}/cpuacct.usage": "2500000000\n",
    f"cgroup/pids/docker/{ID}/pids.current": "3\n",
}
# The same shape as systemd's driver gives it under version 2 (kernel documentation, cgroup-v2.rst).
SCOPE = f"/system.slice/docker-{ID}.scope"
VERSION_2 = {
    "proc/636/cgroup": f"0::{SCOPE}\n",
    f"cgroup{SCOPE}/memory.current": "30793728\n",
    f"cgroup{SCOPE}/memory.max": "134217728\n",
    f"cgroup{SCOPE}/memory.stat": "anon 100\nfile 8388608\ninactive_file 793728\n",
    f"cgroup{SCOPE}/memory.events": "low 0\nhigh 0\nmax 12\noom 2\noom_kill 2\n",
    f"cgroup{SCOPE}/cpu.stat": "usage_usec 2500000\nnr_periods 100\nnr_throttled 40\nthrottled_usec 1500000\n",
    f"cgroup{SCOPE}/pids.current": "3\n",
}


def reader(folder: Path, files: Mapping[str, str]) -> CgroupReader:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="ascii")
    return CgroupReader(str(folder / "cgroup"), str(folder / "proc"))


@pytest.mark.parametrize("files", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
def test_both_versions_tell_the_same(tmp_path: Path, files: dict[str, str]) -> None:
    found = reader(tmp_path, files).read(ID, PID)
    assert found == Resources(
        available=True,
        memory_bytes=30_000_000,
        memory_limit=134_217_728,
        oom_kills=2,
        periods=100,
        throttled_periods=40,
        throttled_seconds=1.5,
        processes=3,
        cpu_seconds=2.5,
    )
    assert found.throttled_percent == 40.0
    assert found.memory_percent == pytest.approx(22.35, abs=0.01)


@pytest.mark.parametrize(
    "files, limit",
    [
        (VERSION_1, (f"cgroup/memory/docker/{ID}/memory.limit_in_bytes", "9223372036854771712\n")),
        (VERSION_2, (f"cgroup{SCOPE}/memory.max", "max\n")),
    ],
    ids=["version 1", "version 2"],
)
def test_no_limit_is_none(tmp_path: Path, files: dict[str, str], limit: tuple[str, str]) -> None:
    found = reader(tmp_path, {**files, limit[0]: limit[1]}).read(ID, PID)
    assert found.available
    assert found.memory_limit is None
    assert found.memory_percent is None


def test_without_a_quota_there_are_no_periods_and_no_share(tmp_path: Path) -> None:
    files = {**VERSION_2, f"cgroup{SCOPE}/cpu.stat": "usage_usec 2500000\n"}
    assert reader(tmp_path, files).read(ID, PID).throttled_percent is None


@pytest.mark.parametrize(
    "files, pid, reason",
    [
        (VERSION_1, 0, "does not run"),
        ({}, PID, "cannot be seen"),
        ({**VERSION_1, "proc/636/cgroup": "4:memory:/user.slice\n"}, PID, "cannot be seen"),
        ({"proc/636/cgroup": VERSION_1["proc/636/cgroup"]}, PID, "cannot be read"),
        ({"proc/636/cgroup": VERSION_2["proc/636/cgroup"]}, PID, "cannot be read"),
        ({"proc/636/cgroup": "nonsense\n\n:\n"}, PID, "cannot be seen"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, files: dict[str, str], pid: int, reason: str) -> None:
    found = reader(tmp_path, files).read(ID, pid)
    assert not found.available
    assert reason in found.reason


def test_nonsense_in_a_file_is_left_out(tmp_path: Path) -> None:
    files = {**VERSION_2, f"cgroup{SCOPE}/memory.events": "oom_kill many\n\nx\n", f"cgroup{SCOPE}/pids.current": "?"}
    found = reader(tmp_path, files).read(ID, PID)
    assert found.available
    assert (found.oom_kills, found.processes) == (None, None)


PRESSURE = "some avg10=12.50 avg60=1.00 avg300=0.50 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"


def test_how_long_the_processes_wait_is_told_by_version_2(tmp_path: Path) -> None:
    files = {**VERSION_2, f"cgroup{SCOPE}/cpu.pressure": PRESSURE, f"cgroup{SCOPE}/io.pressure": "broken\n"}
    assert reader(tmp_path, files).read(ID, PID).pressure == {"cpu": 12.5}


def test_version_1_has_no_such_files_and_tells_all_the_rest(tmp_path: Path) -> None:
    found = reader(tmp_path, VERSION_1).read(ID, PID)
    assert (found.available, found.pressure) == (True, {})
    assert found.memory_bytes is not None


def test_how_long_work_on_the_host_waits_is_told_where_the_kernel_does(tmp_path: Path) -> None:
    assert reader(tmp_path, {}).host_pressure() == {}
    assert reader(tmp_path, {"proc/pressure/memory": PRESSURE}).host_pressure() == {"memory": 12.5}
