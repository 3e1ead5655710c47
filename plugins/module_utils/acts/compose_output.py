# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``docker compose`` prints, read without running it. Seen with Compose 2.26.1."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_UNSET = re.compile(r'The \\?"([^"\\]{1,200})\\?" variable is not set')
_REQUIRED = re.compile(r"required variable (\S{1,200}) is missing a value")
_HASH = re.compile(r"^(\S+) ([0-9a-f]{64})$", re.MULTILINE)
_EVENT = re.compile(
    r"^(?:\s*DRY-RUN MODE -)?\s*(?P<what>Container|Network|Volume|Image)\s+(?P<id>\S+)\s+(?P<status>[A-Za-z]+)\s*$"
)
_TEMPORARY_NAME = re.compile(r"^[0-9a-f]{12}_")
"""While a container is recreated, its successor bears the old one's short id before its name."""

_CHANGES = {
    "Recreate": "recreated",
    "Recreated": "recreated",
    "Creating": "created",
    "Starting": "started",
    "Started": "started",
    "Restarting": "restarted",
    "Restarted": "restarted",
    "Stopping": "stopped",
    "Stopped": "stopped",
    "Killing": "stopped",
    "Killed": "stopped",
    "Removing": "removed",
    "Removed": "removed",
}
"""Events that change something; Running, Waiting and Healthy do not, nor does Created: it is also said of a container
that exists and is stopped, and one that is made is announced by Creating before."""


@dataclass(frozen=True)
class Change:
    """Something that ``docker compose up`` would change.

    :param what: container, network, volume or image.
    :param id: its name.
    :param service: the container's service; empty for the other kinds and when it is not known.
    :param status: created, recreated, started, restarted, stopped or removed.
    """

    what: str
    id: str
    service: str
    status: str

    def to_data(self) -> dict[str, str]:
        """Plain data for JSON."""
        return {"what": self.what, "id": self.id, "service": self.service, "status": self.status}


def parse_unset_variables(stderr: str) -> tuple[str, ...]:
    """Names of variables that Compose would replace by a blank string, or that it demands; sorted."""
    return tuple(sorted(set(_UNSET.findall(stderr)) | set(_REQUIRED.findall(stderr))))


def parse_hashes(stdout: str) -> dict[str, str]:
    """Service -> hash of its configuration, from ``docker compose config --hash '*'``."""
    return dict(_HASH.findall(stdout))


def parse_dry_run(stderr: str, service_of: Callable[[str], str]) -> tuple[Change, ...]:
    """The changes that ``docker compose up --dry-run`` announces, each once, in their order.

    A container that is recreated is also started; only the first, which says more, is kept.

    :param service_of: container name -> service, an empty string when it is not known.
    """
    found: dict[tuple[str, str], Change] = {}
    for line in stderr.splitlines():
        match = _EVENT.match(line)
        if match is None or match["status"] not in _CHANGES:
            continue
        what = match["what"].lower()
        name = _TEMPORARY_NAME.sub("", match["id"]) if what == "container" else match["id"]
        service = service_of(name) if what == "container" else ""
        found.setdefault((what, name), Change(what, name, service, _CHANGES[match["status"]]))
    return tuple(found.values())
