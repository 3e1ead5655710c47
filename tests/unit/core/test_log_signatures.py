# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.log_signatures import (
    SIGNATURES,
    classify,
    classify_line,
)


@pytest.mark.parametrize(
    "line, expected",
    [
        ("Error: connect ECONNREFUSED 172.18.0.4:5432", "refused"),
        ('connection to server at "postgres" (172.18.0.4), port 5432 failed: Connection refused', "refused"),
        ("dial tcp 10.0.0.3:6379: connect: connection refused", "refused"),
        ("FATAL:  sorry, too many clients already", "too_many_connections"),
        ("FATAL:  remaining connection slots are reserved for non-replication superuser connections",
         "too_many_connections"),
        ("QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00", "too_many_connections"),
        ("ERR max number of clients reached", "too_many_connections"),
        ('psycopg2.OperationalError: could not translate host name "postgres" to address', "name_resolution"),
        ("Error: getaddrinfo ENOTFOUND redis", "name_resolution"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "name_resolution"),
        ("redis.exceptions.TimeoutError: Timeout reading from socket", "timeout"),
        ("504 upstream request timeout", "timeout"),
        ("canceling statement due to statement timeout", "timeout"),
        ("context deadline exceeded", "timeout"),
        ("Out of memory: Killed process 4711 (python3)", "out_of_memory"),
        ("MemoryError", "out_of_memory"),
        ("OOM command not allowed when used memory > 'maxmemory'.", "out_of_memory"),
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "out_of_memory"),
        ("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "cuda_oom"),
        ("Traceback (most recent call last):", "traceback"),
        ("KeyError: 'user'", "traceback"),
        ("    at Object.<anonymous> (/app/server.js:10:9)", "traceback"),
        ('FATAL:  password authentication failed for user "app"', "auth_failure"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "auth_failure"),
        ("invalid token: signature verification failed", "auth_failure"),
        ("PANIC:  could not write to file \"pg_wal/xlogtemp.1\": No space left on device", "disk_full"),
        ("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist", "disk_full"),
        ("panic: runtime error: index out of range", "panic"),
        ("Segmentation fault (core dumped)", "panic"),
        ("sha256 mismatch: model.json expected 1f0c found 9aa1", "integrity"),
        ("version https://git-lfs.github.com/spec/v1", "integrity"),
        ("deadlock detected", "deadlock"),
        ("could not receive data from client: Connection reset by peer", "reset"),
        ("loading model weights from /app/models", "loading"),
        ("GET /health 200 3 ms", ""),
        ("database system is ready to accept connections", ""),
        ("starting with timeout=30 and retries=3", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_line_is_of_the_class_that_it_tells_of(line: str, expected: str) -> None:
    assert classify_line(line) == expected


def test_lines_are_gathered_by_class_in_their_order() -> None:
    lines = ["connection refused a", "fine", "deadlock detected", "connection refused b"]
    assert classify(lines) == {
        "refused": ["connection refused a", "connection refused b"],
        "deadlock": ["deadlock detected"],
    }


def test_the_end_of_a_very_long_line_is_not_looked_at() -> None:
    assert classify_line("x" * 5000 + " connection refused") == ""


def test_a_table_of_ones_own_can_be_given() -> None:
    own = tuple(signature for signature in SIGNATURES if signature[0] == "deadlock")
    assert classify_line("connection refused", own) == ""
    assert classify_line("deadlock detected", own) == "deadlock"
