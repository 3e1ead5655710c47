# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-1: bytes and inodes of every file system that the platform keeps something on, and the sizes of its logs.

Nothing but ``stat``: it costs some milliseconds, so that every observation can look. A path that hangs (a dead network
file system) costs its deadline once and is named.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    SERVICE_LABEL,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.daemon_json import (
    parse_configuration,
    rotates,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    ContainerLog,
    DiskFacts,
    FileSystem,
    Unmeasured,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_growth import (
    read_history,
    sample_name,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import DiskSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job

_MISSING = "it is not there"
_MOST_ROTATED = 100
_LARGEST_DAEMON_JSON = 1 << 20


@dataclass(frozen=True)
class Place:
    """A path to measure.

    :param what: what lies there, in words.
    :param wanted: True when somebody named it: then its absence is worth a word.
    """

    path: str
    what: str
    service: str = ""
    wanted: bool = False


@dataclass(frozen=True)
class Measured:
    """A path's file system."""

    mount: str
    device: int
    values: os.statvfs_result


def probe_disk(
    inspected: Sequence[Mapping[str, Any]],
    settings: DiskSettings,
    state_dir: str,
    samples: Mapping[str, Any],
    *,
    deadline: float,
    measure: Callable[[str], Measured | None] | None = None,
) -> DiskFacts:
    """Look.

    :param inspected: what the engine says of the platform's containers.
    :param samples: what earlier runs recorded of the host.
    :param deadline: seconds for each path.
    :param measure: path -> what is there, for a test; the real look otherwise.
    """
    root = docker_root(inspected)
    look = measure or measure_path
    places = _places(inspected, settings, state_dir, root)
    jobs = {path: Job("disk", path, _look_at(look, path), deadline=deadline) for path in {at.path for at in places}}
    measured: dict[int, Measured] = {}
    found: dict[int, list[Place]] = {}
    unmeasured: list[Unmeasured] = []
    for place in places:
        run = jobs[place.path].report()
        seen = jobs[place.path].value(None)
        if seen is not None:
            measured.setdefault(seen.device, seen)
            found.setdefault(seen.device, []).append(place)
        elif run.message or place.wanted:
            unmeasured.append(Unmeasured(place.path, run.message or _MISSING, absent=not run.message))
    systems = tuple(_file_system(measured[device], found[device]) for device in measured)
    devices = {place.path: device for device, at in found.items() for place in at}
    return DiskFacts(
        docker_root=root,
        docker_device=devices.get(root, 0),
        file_systems=tuple(sorted((item for item in systems if item.room), key=lambda item: item.mount)),
        unmeasured=tuple({item.path: item for item in unmeasured}.values()),
        logs=container_logs(inspected),
        rotation_configured=_rotation_configured(settings.daemon_json),
        history={item.mount: read_history(samples.get(sample_name(item.mount))) for item in systems},
    )


def docker_root(inspected: Iterable[Mapping[str, Any]]) -> str:
    """Docker's root folder, told by where it keeps a container's files: that spares a question to the engine."""
    for entry in inspected:
        parts = Path(str(entry.get("ResolvConfPath") or "")).parents
        if len(parts) > 3 and parts[1].name == "containers":
            return str(parts[2])
    return ""


def measure_path(path: str) -> Measured | None:
    """The file system of a path; None when there is nothing, or when it can only be read.

    :raises OSError: it is there and cannot be looked at.
    """
    try:
        device = os.stat(path).st_dev
        values = os.statvfs(path)
    except FileNotFoundError:
        return None
    if values.f_flag & os.ST_RDONLY:
        return None
    return Measured(_mount_point(path, device), device, values)


def container_logs(inspected: Iterable[Mapping[str, Any]]) -> tuple[ContainerLog, ...]:
    """The log files of the containers, the largest first. Needs the right to read Docker's root."""
    found = []
    for entry in inspected:
        config = (entry.get("HostConfig") or {}).get("LogConfig") or {}
        path, driver = str(entry.get("LogPath") or ""), str(config.get("Type") or "")
        if driver not in ("json-file", "local") or not path:
            continue
        labels = (entry.get("Config") or {}).get("Labels") or {}
        size, device = _log_size(path)
        found.append(
            ContainerLog(
                service=str(labels.get(SERVICE_LABEL, "")),
                container=str(entry.get("Id", "")),
                name=str(entry.get("Name", "")).lstrip("/"),
                path=path,
                driver=driver,
                limit=str((config.get("Config") or {}).get("max-size", "")),
                size=size,
                device=device,
            )
        )
    return tuple(sorted(found, key=lambda log: (-(log.size or 0), log.name)))


def _rotation_configured(path: str) -> bool:
    """A file that is not there, cannot be read or is no JSON asks for nothing."""
    try:
        with open(path, encoding="utf-8") as file:
            return rotates(parse_configuration(file.read(_LARGEST_DAEMON_JSON), path))
    except (OSError, ValueError, InvalidInputError):
        return False


def _look_at(look: Callable[[str], Measured | None], path: str) -> Callable[[], Measured | None]:
    return lambda: look(path)


def _places(inspected: Sequence[Mapping[str, Any]], settings: DiskSettings, state_dir: str, root: str) -> list[Place]:
    places = [Place("/", "the root file system")]
    if root:
        places.append(Place(root, "Docker's root"))
    for entry in inspected:
        service = str(((entry.get("Config") or {}).get("Labels") or {}).get(SERVICE_LABEL, ""))
        for mount in entry.get("Mounts") or []:
            source, name = str(mount.get("Source") or ""), str(mount.get("Name") or "")
            if source and mount.get("RW") and _may_hold_data(source):
                what = f"volume {name} of {service}" if name else f"{source} of {service}"
                places.append(Place(source, what, service))
    places += [Place(policy.path, f"backups in {policy.path}", wanted=True) for policy in settings.backups]
    places += [Place(path, path, wanted=True) for path in settings.paths]
    return [*places, Place(state_dir, "the record of incidents")]


def _may_hold_data(source: str) -> bool:
    return not source.startswith(("/proc", "/sys", "/dev/")) and not source.endswith(".sock")


def _file_system(seen: Measured, places: Sequence[Place]) -> FileSystem:
    values = seen.values
    unit = values.f_frsize
    return FileSystem(
        mount=seen.mount,
        device=seen.device,
        size=values.f_blocks * unit,
        used=(values.f_blocks - values.f_bfree) * unit,
        available=values.f_bavail * unit,
        inodes=values.f_files,
        inodes_available=values.f_favail,
        holds=tuple(dict.fromkeys(place.what for place in places if place.path != "/")),
        services=tuple(sorted({place.service for place in places if place.service})),
    )


def _mount_point(path: str, device: int) -> str:
    """The topmost folder on the same device. A path that is mounted itself, such as a file, is its own."""
    place = Path(os.path.realpath(path))
    while place != place.parent and os.stat(place.parent).st_dev == device:
        place = place.parent
    return str(place)


def _log_size(path: str) -> tuple[int | None, int]:
    """Bytes of a log and of the files that it was rotated to, and the device; (None, 0) when it cannot be read."""
    try:
        first = os.lstat(path)
    except OSError:
        return None, 0
    if not stat.S_ISREG(first.st_mode):
        return None, 0
    return first.st_size + sum(_rotated_sizes(path)), first.st_dev


def _rotated_sizes(path: str) -> Iterable[int]:
    for number in range(1, _MOST_ROTATED):
        for ending in ("", ".gz"):
            try:
                yield os.lstat(f"{path}.{number}{ending}").st_size
                break
            except OSError:
                continue
        else:
            return
