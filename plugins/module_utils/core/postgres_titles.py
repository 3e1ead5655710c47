# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions from the titles of the server's processes: what is left to see when no slot is free for us.

Each backend's title is ``postgres: [cluster: ]user database host(port) activity`` (src/backend/utils/misc/ps_status.c,
src/backend/tcop/postgres.c; https://www.postgresql.org/docs/current/monitoring-ps.html). It knows no ages and no
application names, and a plain role's process looks like any other's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Session

# Names with spaces cannot be told apart for certain: a line must match as a whole, from the right.
_BACKEND = re.compile(
    r"^(?P<pid>\d+)\s+(?P<age>\d+)?\s*(?:\S*/)?postgres: (?:(?P<cluster>[^:]+): )?(?P<user>\S+) (?P<database>\S+) "
    r"(?P<client>\[local\]|[0-9A-Fa-f:.%]+(?:\(\d+\))?) (?P<activity>[A-Za-z].*)$"
)
_WALSENDER = re.compile(r"^(?P<pid>\d+)\s+(?P<age>\d+)?\s*(?:\S*/)?postgres: (?:[^:]+: )?walsender (?P<user>\S+) ")
_NOT_YET_A_SESSION = ("initializing", "authentication", "startup")
"""What a process says before it has a slot (postmaster.c, postinit.c); without a free one it ends there."""
_AT_WORK = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "COPY", "LOCK", "BEGIN", "COMMIT", "ROLLBACK", "PARSE"))


def parse_titles(output: str, services: Mapping[str, str]) -> tuple[Session, ...]:
    """Sessions from ``ps`` lines of pid, seconds since the start (may be absent) and title.

    :param services: client address -> Compose service.
    """
    sessions = []
    for line in output.splitlines():
        text = line.strip()
        sender = _WALSENDER.match(text)
        if sender:
            sessions.append(Session(int(sender["pid"]), user=sender["user"], kind="walsender", state="active"))
            continue
        match = _BACKEND.match(text)
        if match and not match["activity"].startswith(_NOT_YET_A_SESSION):
            sessions.append(_session(match, services))
    return tuple(sessions)


def _session(match: re.Match[str], services: Mapping[str, str]) -> Session:
    address = "" if match["client"] == "[local]" else match["client"].split("(")[0]
    activity = match["activity"].strip()
    waits = activity.endswith(" waiting")
    return Session(
        pid=int(match["pid"]),
        database=match["database"],
        user=match["user"],
        address=address,
        service=services.get(address, ""),
        state=_state(activity[: -len(" waiting")] if waits else activity),
        session_age=float(match["age"]) if match["age"] else None,
        wait="Lock:unknown" if waits else "",
    )


def _state(activity: str) -> str:
    if activity.startswith("idle"):
        return activity
    return "active" if activity.split()[0] in _AT_WORK or activity.isupper() else activity
