# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container uses, from its control group on this host: versions 1 and 2, a few small files, no ``docker stats``.

Sources: the kernel's Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Resources

_NO_LIMIT = 1 << 60
"""Version 1 writes a huge number where there is no limit."""

_PRESSURES = ("cpu", "memory", "io")
_SOME = re.compile(r"some avg10=(\d+\.\d+) ")


class CgroupReader:
    """Reads the control group of a container.

    :param root: where the control groups are mounted.
    :param proc: where the processes are shown.
    """

    def __init__(self, root: str = "/sys/fs/cgroup", proc: str = "/proc") -> None:
        self._root = root
        self._proc = proc

    def read(self, container: str, pid: int) -> Resources:
        """The resources of a running container.

        :param container: full id; it must stand in the process's control group, or else the process is another one
            (the engine runs on another host, in a virtual machine or in another namespace).
        :param pid: the container's main process.
        """
        if pid <= 0:
            return Resources(reason="it does not run")
        groups = self._groups(pid)
        if not any(container in path for path in groups.values()):
            return Resources(reason="its control group cannot be seen from this host")
        if "memory" in groups:
            return self._version1(groups)
        return self._version2(groups.get("", ""))

    def _groups(self, pid: int) -> dict[str, str]:
        """Controller -> path. Version 2 has one entry, whose controller is an empty string."""
        groups: dict[str, str] = {}
        for line in self._text(os.path.join(self._proc, str(pid), "cgroup")).splitlines():
            parts = line.split(":", 2)
            if len(parts) == 3:
                groups.update(dict.fromkeys(parts[1].split(","), parts[2]))
        return groups

    def _version1(self, groups: dict[str, str]) -> Resources:
        memory = os.path.join(self._root, "memory") + groups["memory"]
        cpu = os.path.join(self._root, "cpu") + groups.get("cpu", "")
        usage_group = os.path.join(self._root, "cpuacct") + groups.get("cpuacct", groups.get("cpu", ""))
        pids = os.path.join(self._root, "pids") + groups.get("pids", "")
        usage = self._number(f"{memory}/memory.usage_in_bytes")
        if usage is None:
            return Resources(reason="its control group cannot be read")
        limit = self._number(f"{memory}/memory.limit_in_bytes")
        throttled = self._table(f"{cpu}/cpu.stat")
        return Resources(
            available=True,
            memory_bytes=_working_set(usage, self._table(f"{memory}/memory.stat").get("total_inactive_file")),
            memory_limit=limit if limit is not None and limit < _NO_LIMIT else None,
            oom_kills=self._table(f"{memory}/memory.oom_control").get("oom_kill"),
            periods=throttled.get("nr_periods"),
            throttled_periods=throttled.get("nr_throttled"),
            throttled_seconds=_scaled(throttled.get("throttled_time"), 1e9),
            processes=self._number(f"{pids}/pids.current"),
            cpu_seconds=_scaled(self._number(f"{usage_group}/cpuacct.usage"), 1e9),
        )

    def _version2(self, path: str) -> Resources:
        group = self._root + path
        usage = self._number(f"{group}/memory.current")
        if usage is None:
            return Resources(reason="its control group cannot be read")
        throttled = self._table(f"{group}/cpu.stat")
        return Resources(
            available=True,
            memory_bytes=_working_set(usage, self._table(f"{group}/memory.stat").get("inactive_file")),
            memory_limit=self._number(f"{group}/memory.max"),
            oom_kills=self._table(f"{group}/memory.events").get("oom_kill"),
            periods=throttled.get("nr_periods"),
            throttled_periods=throttled.get("nr_throttled"),
            throttled_seconds=_scaled(throttled.get("throttled_usec"), 1e6),
            processes=self._number(f"{group}/pids.current"),
            cpu_seconds=_scaled(throttled.get("usage_usec"), 1e6),
            pressure=self._pressure({name: f"{group}/{name}.pressure" for name in _PRESSURES}),
        )

    def host_pressure(self) -> dict[str, float]:
        """``cpu``, ``memory``, ``io`` -> share of the last 10 s for which some process of this host waited (PSI).

        Source: the kernel's Documentation/accounting/psi.rst. Empty where the kernel does not tell.
        """
        return self._pressure({name: os.path.join(self._proc, "pressure", name) for name in _PRESSURES})

    def _pressure(self, paths: Mapping[str, str]) -> dict[str, float]:
        found = {name: _SOME.match(self._text(path)) for name, path in paths.items()}
        return {name: float(match[1]) for name, match in found.items() if match}

    def _number(self, path: str) -> int | None:
        text = self._text(path).strip()
        return int(text) if text.isdigit() else None

    def _table(self, path: str) -> dict[str, int]:
        rows = [line.split() for line in self._text(path).splitlines()]
        return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}

    def _text(self, path: str) -> str:
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                return file.read(1 << 16)
        except OSError:
            return ""


def _working_set(usage: int, inactive_file: int | None) -> int:
    """Memory that cannot be given back: what Docker and Kubernetes call the working set."""
    return max(0, usage - (inactive_file or 0))


def _scaled(value: int | None, divisor: float) -> float | None:
    return None if value is None else value / divisor
