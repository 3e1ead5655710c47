# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that nobody may cancel or terminate here, and why: replication, backups, maintenance, other databases."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Session
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_statement import (
    is_backup,
    is_maintenance,
)

OWN_APPLICATION = "incident_response"

# Beginnings of application names, by the tools' own documentation. A name can be set to anything by its owner, so the
# statement counts as well.
BACKUP_TOOLS = ("barman", "bart", "cybertec", "pg_back", "pg_basebackup", "pg_dump", "pg_probackup", "pg_receivewal",
                "pg_recvlogical", "pg_restore", "pgbackrest", "pghoard", "wal-e", "wal-g")  # fmt: skip
MAINTENANCE_TOOLS = ("clusterdb", "pg_amcheck", "pg_cron", "pg_repack", "pg_rewind", "pg_squeeze", "pg_upgrade",
                     "pg_verify", "pgcompacttable", "reindexdb", "vacuumdb")  # fmt: skip
REPLICATION = ("walreceiver", "pg_logical", "slony", "londiste", "pglogical", "bucardo", "debezium", "repmgr",
               "patroni")  # fmt: skip


@dataclass(frozen=True)
class Protection:
    """What is never touched beyond the built-in rules.

    :param database: the platform's own database; sessions of others are left alone.
    :param applications: further beginnings of application names.
    :param users: roles.
    """

    database: str
    applications: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


def reason_to_spare(session: Session, statement: str, protection: Protection) -> str:
    """Why the session is never touched, or an empty string.

    :param statement: the session's statement as it is, for the values in it are needed to tell what it does.
    """
    application = session.application.lower()
    if session.kind != "client backend":
        return f"it is a {session.kind}"
    if not session.database or session.database != protection.database:
        return f"it belongs to the database {session.database or '(none)'}"
    if application.startswith(OWN_APPLICATION):
        return "it is an operator's probe"
    for word, names in (("backup", BACKUP_TOOLS), ("maintenance", MAINTENANCE_TOOLS), ("replication", REPLICATION)):
        if application.startswith(names):
            return f"{session.application} is a {word} tool"
    if application.startswith(tuple(name.lower() for name in protection.applications)):
        return f"the inventory protects the application {session.application}"
    if session.user in protection.users:
        return f"the inventory protects the role {session.user}"
    if is_backup(statement):
        return "it runs a backup"
    if is_maintenance(statement):
        return "it runs maintenance"
    return ""
