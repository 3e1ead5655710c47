# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_log import (
    classify_log_line,
    slow_statements,
)

PREFIX = "2026-11-24 08:41:16.392 UTC [2281] [unknown] app@agentfoundry 172.22.0.9 "


@pytest.mark.parametrize(
    "line, name",
    [
        ("FATAL:  sorry, too many clients already", "slots_exhausted"),
        (
            "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
            "slots_exhausted",
        ),
        ('FATAL:  password authentication failed for user "app"', "authentication"),
        ('ERROR:  could not extend file "base/16384/16499": No space left on device', "disk_full"),
        ('PANIC:  could not write to file "pg_wal/xlogtemp.42": No space left on device', "disk_full"),
        ("ERROR:  deadlock detected", "deadlock"),
        ("LOG:  process 4 still waiting for AccessShareLock on relation 1 after 1000.1 ms", "lock_wait"),
        ("LOG:  server process (PID 77) was terminated by signal 9: Killed", "out_of_memory"),
        ("LOG:  server process (PID 77) was terminated by signal 11: Segmentation fault", "panic"),
        ("LOG:  database system was interrupted; last known up at 2026-11-24 08:00:00 UTC", "recovery"),
        ("FATAL:  the database system is starting up", "starting"),
        ("ERROR:  invalid page in block 7 of relation base/1/2", "corruption"),
        ('FATAL:  database "nothing" does not exist', "no_database"),
        ("LOG:  checkpoints are occurring too frequently (3 seconds apart)", "checkpoints"),
        ("LOG:  database system is ready to accept connections", ""),
        ("STATEMENT:  SELECT 'FATAL:  sorry, too many clients already'", ""),
        ("LOG:  duration: 900.1 ms  statement: SELECT 'deadlock detected'", ""),
        ("LOG:  unexpected EOF on client connection with an open transaction", ""),
    ],
)
def test_a_line_tells_its_class(line: str, name: str) -> None:
    assert classify_log_line(PREFIX + line) == name


def test_lines_of_our_own_sessions_tell_nothing() -> None:
    line = "2026-11-24 08:41:16 UTC [1] incident_response agentfoundry@agentfoundry [local] ERROR:  deadlock detected"
    assert classify_log_line(line) == ""


def test_the_slow_query_log_is_read_without_values_and_each_statement_once() -> None:
    told = [
        "LOG:  duration: 250.5 ms  statement: SELECT count(*) FROM events WHERE body = 'secret'",
        "LOG:  duration: 750.5 ms  statement: SELECT count(*) FROM events WHERE body = 'other'",
        "LOG:  duration: 2000.0 ms  execute <unnamed>: UPDATE users SET p = $1",
        "LOG:  checkpoint starting: time",
    ]
    own = "UTC [1] incident_response x@y [local] LOG:  duration: 9000.0 ms  statement: SELECT 1"
    statements = slow_statements([own, *(PREFIX + line for line in told)])
    assert [(one.text, one.calls, one.mean_ms, one.user) for one in statements] == [
        ("UPDATE users SET p = ?", 1, 2000.0, "app"),
        ("SELECT count(*) FROM events WHERE body = ?", 2, 500.5, "app"),
    ]
