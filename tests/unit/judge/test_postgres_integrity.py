# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged data of a PostgreSQL server: what tells of it, and what is not enough to tell of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    LogClass,
    PostgresFacts,
    Server,
    WriteProbe,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres import judge_postgres

SERVER = Server(150018, "op", "shop", "/data", 40, 3, 0, False, True, 900.0)
WELL = PostgresFacts("db", "running", Answer.OK, server=SERVER, write=WriteProbe(True))
DAMAGE = (LogClass("corruption", 2, "PANIC:  could not locate a valid checkpoint record", 20.0),)


@pytest.mark.parametrize(
    "changes, status, words",
    [
        ({"server": replace(SERVER, checksum_failures=0)}, "ok", "No damaged block"),
        ({"server": replace(SERVER, checksum_failures=1)}, "critical", "1 block did not have the right checksum"),
        ({"server": replace(SERVER, checksum_failures=7), "log": DAMAGE}, "critical", "7 blocks did not have"),
        ({}, "not_configured", "it keeps no data checksums"),
        ({"write": WriteProbe(True, "ERROR:  missing chunk number 0", "XX001")}, "critical", "by its own word"),
        ({"write": WriteProbe(True, "ERROR:  could not extend file", "53100")}, "not_configured", ""),
        pytest.param({"log": DAMAGE}, "not_configured", "", id="a client can write that into the log"),
        ({"answer": Answer.REFUSED, "server": None, "log": DAMAGE}, "critical", "restore from a backup"),
        ({"answer": Answer.NOT_RUNNING, "state": "exited", "server": None, "log": DAMAGE}, "critical", ""),
        pytest.param({"answer": Answer.SLOTS_EXHAUSTED, "server": None, "log": DAMAGE}, "", "", id="it is only busy"),
        pytest.param({"answer": Answer.REFUSED, "server": None}, "", "", id="down, and nothing tells of damage"),
    ],
)
def test_damaged_data_is_told_by_the_servers_count_or_by_its_log_while_it_is_down(
    changes: dict[str, Any], status: str, words: str
) -> None:
    findings = judge_postgres(replace(WELL, **changes), Thresholds())
    found = next((finding for finding in findings if finding.id == "postgres.integrity"), None)
    assert ("" if found is None else found.status.value) == status
    assert words in ("" if found is None else found.message)
