# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From ``docker system df --verbose`` to what the policy lets go. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import Litter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import read_size

BUILD_CACHE = "build_cache"
IMAGES = "images"
CONTAINERS = "containers"
KINDS = (BUILD_CACHE, IMAGES, CONTAINERS)

PROJECT_LABEL = "com.docker.compose.project"
ONEOFF_LABEL = "com.docker.compose.oneoff"
CONFIG_HASH_LABEL = "com.docker.compose.config-hash"
_STOPPED = ("exited", "dead", "created")
_NONE = "<none>"


@dataclass(frozen=True)
class StoppedContainer:
    """A container that does not run.

    :param stopped_at: epoch seconds; of one that never ran, when it was created.
    :param size: bytes of its writable layer.
    :param created_at: epoch seconds.
    """

    id: str
    name: str
    labels: Mapping[str, str]
    stopped_at: float
    size: int
    created_at: float = 0.0

    @property
    def of_platform(self) -> bool:
        """True for the container of a Compose service: without it ``compose start`` does nothing, silently.

        One that was run by hand from an image that Compose has built bears the project's name, and no hash.
        """
        made_by_compose = PROJECT_LABEL in self.labels and CONFIG_HASH_LABEL in self.labels
        return made_by_compose and self.labels.get(ONEOFF_LABEL, "").lower() != "true"


def usage_rows(answer: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The table of ``docker system df``: ``what``, ``count``, ``unused`` and ``bytes``, layers counted once."""
    images, volumes = _entries(answer, "Images"), _entries(answer, "Volumes")
    containers, cache = _entries(answer, "Containers"), _entries(answer, "BuildCache")
    shared = max((read_size(str(item.get("SharedSize", ""))) for item in images), default=0)
    return (
        _row("images", images, [item for item in images if _count(item, "Containers") == 0], "UniqueSize", shared),
        _row("containers", containers, [item for item in containers if not _runs(item)], "Size"),
        _row("volumes", volumes, [item for item in volumes if _count(item, "Links") == 0], "Size"),
        _row("build cache", cache, [item for item in cache if not _is_true(item, "InUse")], "Size"),
    )


def unused_build_cache(answer: Mapping[str, Any], now: float, older_than_h: float) -> Litter:
    """Build cache that nothing uses and that was not used for so long."""
    old = [
        item
        for item in _entries(answer, "BuildCache")
        if not _is_true(item, "InUse") and _age_h(item, "LastUsedAt", now) >= older_than_h
    ]
    sizes = [0 if _is_true(item, "Shared") else _size(item, "Size") for item in old]
    return Litter(BUILD_CACHE, tuple(str(item.get("ID", "")) for item in old), sum(sizes), sizes=tuple(sizes))


def dangling_images(
    answer: Mapping[str, Any], labelled: Collection[str] | None, now: float, older_than_h: float
) -> Litter:
    """Images without a name that no container uses.

    :param labelled: ids of those that bear the wanted labels; None means that none are wanted.
    """
    found = [
        item
        for item in _entries(answer, "Images")
        if item.get("Repository") == _NONE
        and item.get("Tag") == _NONE
        and _count(item, "Containers") == 0
        and _age_h(item, "CreatedAt", now) >= older_than_h
        and (labelled is None or str(item.get("ID", "")) in labelled)
    ]
    found.sort(key=lambda item: engine_time(str(item.get("CreatedAt", ""))))
    ids = tuple(str(item.get("ID", "")) for item in found)
    sizes = tuple(_size(item, "UniqueSize") for item in found)
    return Litter(IMAGES, ids, sum(sizes), tuple(name.partition(":")[2][:12] for name in ids), sizes)


def stopped_ids(answer: Mapping[str, Any]) -> list[str]:
    """Ids of the containers that do not run."""
    return [str(item.get("ID", "")) for item in _entries(answer, "Containers") if not _runs(item)]


def container_sizes(answer: Mapping[str, Any]) -> dict[str, int]:
    """Id -> bytes of its writable layer."""
    return {str(item.get("ID", "")): _size(item, "Size") for item in _entries(answer, "Containers")}


def removable_containers(
    stopped: Iterable[StoppedContainer],
    labels: Sequence[str],
    now: float,
    older_than_h: float,
    *,
    kept_services: Collection[tuple[str, str]] = (),
    with_platforms: bool = False,
) -> Litter:
    """Stopped containers that may go.

    :param labels: all of them are wanted; ``key`` or ``key=value``.
    :param kept_services: (project, service) of open incidents: their containers are evidence.
    :param with_platforms: whether containers of Compose services may go at all.
    """
    found = []
    for item in stopped:
        service = (item.labels.get(PROJECT_LABEL, ""), item.labels.get("com.docker.compose.service", ""))
        if item.of_platform and not with_platforms:
            continue
        if service in kept_services or (service[0], "") in kept_services:
            continue
        if now - item.stopped_at >= older_than_h * 3600.0 and bears(item.labels, labels):
            found.append(item)
    found.sort(key=lambda item: (item.stopped_at, item.name))
    sizes = tuple(item.size for item in found)
    names = tuple(item.name for item in found)
    return Litter(CONTAINERS, tuple(item.id for item in found), sum(sizes), names, sizes)


def bears(labels: Mapping[str, str], wanted: Iterable[str]) -> bool:
    """True when all wanted labels are there."""
    for label in wanted:
        key, separator, value = label.partition("=")
        if key not in labels or (separator and labels[key] != value):
            return False
    return True


def engine_time(text: str) -> float:
    """Epoch seconds of ``2026-11-24 08:49:36.295120462 +0000 UTC``; infinite when it is something else: not old."""
    words = text.split()
    try:
        moment = datetime.strptime(f"{words[0]} {words[1][:8]} {words[2]}", "%Y-%m-%d %H:%M:%S %z")
    except (IndexError, ValueError):
        return float("inf")
    return moment.astimezone(timezone.utc).timestamp()


def _row(
    what: str,
    entries: Sequence[Mapping[str, Any]],
    unused: Sequence[Mapping[str, Any]],
    size: str,
    shared: int = 0,
) -> dict[str, Any]:
    return {"what": what, "count": len(entries), "unused": len(unused), "bytes": _sum(entries, size) + shared,
            "unused_bytes": _sum(unused, size)}  # fmt: skip


def _entries(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [item for item in answer.get(key) or [] if isinstance(item, Mapping)]


def _sum(entries: Iterable[Mapping[str, Any]], key: str) -> int:
    return sum(_size(item, key) for item in entries)


def _size(entry: Mapping[str, Any], key: str) -> int:
    """Bytes; Docker adds in brackets what is shared with others."""
    return read_size(str(entry.get(key, "")).partition(" ")[0])


def _count(entry: Mapping[str, Any], key: str) -> int:
    """A number as text; what cannot be read counts as in use."""
    text = str(entry.get(key, ""))
    return int(text) if text.isdigit() else -1


def _is_true(entry: Mapping[str, Any], key: str) -> bool:
    return str(entry.get(key, "true")).lower() != "false"


def _age_h(entry: Mapping[str, Any], key: str, now: float) -> float:
    return (now - engine_time(str(entry.get(key, "")))) / 3600.0


def _runs(entry: Mapping[str, Any]) -> bool:
    state = str(entry.get("State", "")).lower()
    if state:
        return state not in _STOPPED
    return not str(entry.get("Status", "Up")).lower().startswith(("exited", "created", "dead"))
