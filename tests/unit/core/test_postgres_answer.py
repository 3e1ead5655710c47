# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_answer import (
    classify_failure,
    errors_by_part,
    failure_line,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Answer

SOCKET = 'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: '
TCP = 'psql: error: connection to server at "postgres" (172.22.0.3), port 5432 failed: '


@pytest.mark.parametrize(
    'stderr, answer',
    [
        (f"{SOCKET}FATAL:  sorry, too many clients already", Answer.SLOTS_EXHAUSTED),
        (f"{TCP}FATAL:  remaining connection slots are reserved for non-replication superuser connections",
         Answer.SLOTS_EXHAUSTED),
        (f"{TCP}FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
         Answer.SLOTS_EXHAUSTED),
        (f"{SOCKET}FATAL:  53300: désolé, trop de clients sont déjà connectés", Answer.SLOTS_EXHAUSTED),
        (f"{SOCKET}No such file or directory\n\tIs the server running locally?",
         Answer.REFUSED),
        (f"{TCP}Connection refused\n\tIs the server running on that host?", Answer.REFUSED),
        ('psql: error: could not translate host name "db" to address: Name or service not known', Answer.UNRESOLVED),
        (f'{TCP}FATAL:  password authentication failed for user "app"', Answer.AUTHENTICATION),
        (f'{TCP}FATAL:  no pg_hba.conf entry for host "172.22.0.9", user "app", database "x", no encryption',
         Answer.AUTHENTICATION),
        (f"{TCP}fe_sendauth: no password supplied", Answer.AUTHENTICATION),
        (f'{SOCKET}FATAL:  role "nobody" does not exist', Answer.AUTHENTICATION),
        (f'{SOCKET}FATAL:  database "nothing" does not exist', Answer.NO_DATABASE),
        (f"{SOCKET}FATAL:  the database system is starting up", Answer.STARTING),
        (f"{SOCKET}FATAL:  the database system is in recovery mode", Answer.RECOVERING),
        (f"{SOCKET}FATAL:  the database system is not yet accepting connections", Answer.RECOVERING),
        (f"{SOCKET}FATAL:  the database system is shutting down", Answer.SHUTTING_DOWN),
        (f'{SOCKET}FATAL:  could not write init file: No space left on device', Answer.DISK_FULL),
        (f"{TCP}timeout expired", Answer.TIMED_OUT),
        ("Error response from daemon: Container 3f is not running", Answer.NOT_RUNNING),
        ("Error response from daemon: Container 3f is paused, unpause the container before exec", Answer.NOT_RUNNING),
        ("Error: No such container: 3f", Answer.NOT_RUNNING),
        ("psql: not found", Answer.NO_CLIENT),
        ('OCI runtime exec failed: exec failed: exec: "sh": executable file not found in $PATH', Answer.NO_CLIENT),
        ("something else", Answer.FAILED),
        ("", Answer.FAILED),
    ],
)  # fmt: skip
def test_the_reason_for_no_answer_is_told_by_the_words(stderr: str, answer: Answer) -> None:
    assert classify_failure(stderr) is answer


def test_silence_until_the_deadline_is_a_time_out() -> None:
    assert classify_failure("", timed_out=True) is Answer.TIMED_OUT


def test_the_line_that_tells_most_is_shown() -> None:
    assert failure_line("--activity\nNOTICE: x\npsql: error: a\nFATAL: the reason\nHINT: b\n") == "FATAL: the reason"
    assert failure_line(f"{SOCKET}No such file or directory\n\tIs the server running?").endswith(
        "No such file or directory"
    )
    assert failure_line("--activity\n\n") == ""


def test_an_error_belongs_to_the_part_that_was_announced_before_it() -> None:
    stderr = (
        "--activity\n--write\n"
        'psql:<stdin>:9: ERROR:  53100: could not extend file "base/1/t3_1": No space left on device\n'
        "HINT:  Check free disk space.\n"
        "ERROR:  25P02: current transaction is aborted\n"
        "--queries\nERROR:  permission denied for view pg_stat_statements\n"
    )
    assert errors_by_part(stderr) == {
        "write": ("53100", 'could not extend file "base/1/t3_1": No space left on device'),
        "queries": ("", "permission denied for view pg_stat_statements"),
    }
