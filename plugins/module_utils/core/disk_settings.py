# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of disks (``platform_disk``): where to look, and what may be removed. All is optional."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.daemon_json import PATH
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

_KEYS = ("backups", "build_cache_age_h", "container_age_h", "daemon_json", "detail", "image_age_h", "labels", "paths")
_BACKUP_KEYS = ("keep", "older_than_days", "path", "pattern")
_LABEL = re.compile(r"[^\s=,]+(=[^\n]*)?")


@dataclass(frozen=True)
class BackupPolicy:
    """Which backups of a folder may go.

    :param path: the folder; only what lies directly in it is looked at.
    :param pattern: names (shell pattern) that are backups; nothing else is ever touched.
    :param keep: so many of the newest stay, whatever their age; at least one.
    :param older_than_days: younger ones stay as well.
    """

    path: str
    pattern: str = "*"
    keep: int = 7
    older_than_days: float = 7.0


@dataclass(frozen=True)
class DiskSettings:
    """The inventory's words.

    :param paths: further paths whose file systems are measured.
    :param labels: only what bears all of these labels (``key`` or ``key=value``) may be pruned; none means no limit.
    :param build_cache_age_h: build cache that was not used for so many hours may go.
    :param image_age_h: dangling images older than that may go.
    :param container_age_h: containers stopped for longer than that may go.
    :param daemon_json: the file that dockerd reads.
    :param detail: whether to look for what could be removed even when no file system is short of room.
    """

    paths: tuple[str, ...] = ()
    backups: tuple[BackupPolicy, ...] = ()
    labels: tuple[str, ...] = ()
    build_cache_age_h: float = 24.0
    image_age_h: float = 24.0
    container_age_h: float = 72.0
    daemon_json: str = PATH
    detail: bool = False


def read_disk_settings(data: object, option: str = "disk") -> DiskSettings:
    """Settings from plain data.

    :raises InvalidInputError: names the option that is wrong or unknown, for example ``disk.backups[0].keep``.
    """
    given = _mapping(data if data is not None else {}, option, _KEYS)
    default = DiskSettings()
    detail = given.get("detail", default.detail)
    if not isinstance(detail, bool):
        raise InvalidInputError(f"{option}.detail", detail, remedy="Use true or false.")
    return DiskSettings(
        paths=_paths(given.get("paths"), f"{option}.paths"),
        backups=_backups(given.get("backups"), f"{option}.backups"),
        labels=_labels(given.get("labels"), f"{option}.labels"),
        build_cache_age_h=_number(given, "build_cache_age_h", default.build_cache_age_h, option),
        image_age_h=_number(given, "image_age_h", default.image_age_h, option),
        container_age_h=_number(given, "container_age_h", default.container_age_h, option),
        daemon_json=_path(given.get("daemon_json", default.daemon_json), f"{option}.daemon_json"),
        detail=detail,
    )


def _backups(data: object, option: str) -> tuple[BackupPolicy, ...]:
    return tuple(_backup(entry, f"{option}[{number}]") for number, entry in enumerate(_list(data, option)))


def _backup(data: object, option: str) -> BackupPolicy:
    given = _mapping(data, option, _BACKUP_KEYS)
    default = BackupPolicy("")
    pattern, keep = given.get("pattern", default.pattern), given.get("keep", default.keep)
    if not isinstance(pattern, str) or not pattern or "/" in pattern:
        raise InvalidInputError(f"{option}.pattern", pattern, remedy="Give a pattern of file names such as '*.dump'.")
    if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
        raise InvalidInputError(f"{option}.keep", keep, remedy="Keep at least 1: the newest is never removed.")
    path = _path(given.get("path"), f"{option}.path")
    age = _number(given, "older_than_days", default.older_than_days, option)
    return BackupPolicy(path, pattern, keep, age)


def _paths(data: object, option: str) -> tuple[str, ...]:
    return tuple(_path(entry, f"{option}[{number}]") for number, entry in enumerate(_list(data, option)))


def _path(value: object, option: str) -> str:
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise InvalidInputError(option, value, remedy="Give an absolute path on the host.")
    return value.rstrip("/") or "/"


def _labels(data: object, option: str) -> tuple[str, ...]:
    labels = _list(data, option)
    for label in labels:
        if not isinstance(label, str) or not _LABEL.fullmatch(label):
            raise InvalidInputError(option, label, remedy="Give labels as 'key' or 'key=value'.")
    return tuple(str(label) for label in labels)


def _list(data: object, option: str) -> list[Any]:
    if data is None:
        return []
    if not isinstance(data, (list, tuple)):
        raise InvalidInputError(option, data, remedy="Give a list.")
    return list(data)


def _mapping(data: object, option: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy="Give a mapping.")
    unknown = sorted(set(data) - set(known), key=str)
    if unknown:
        raise InvalidInputError(f"{option}.{unknown[0]}", data[unknown[0]], remedy=f"Known keys: {', '.join(known)}.")
    return data


def _number(given: Mapping[str, Any], key: str, default: float, option: str) -> float:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise InvalidInputError(f"{option}.{key}", value, remedy="Give a number, 0 or more.")
    return float(value)
