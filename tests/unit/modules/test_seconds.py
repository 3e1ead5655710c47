# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of seconds that nobody would wait are refused by their name, before Docker is asked for anything."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import (
    compose_recreate_info,
    compose_scale,
    platform_info,
    postgres_activity_info,
    postgres_index,
    postgres_query_info,
    postgres_session,
    rabbitmq_memory_limit,
    rabbitmq_quarantine,
    rabbitmq_queue_info,
    redis_health_info,
    redis_key,
    redis_unblock,
)

OPTIONS: tuple[tuple[ModuleType, str, dict[str, Any]], ...] = (
    (compose_recreate_info, "deadline", {"project": "shop", "services": ["web"]}),
    (compose_scale, "deadline", {"project": "shop", "service": "web"}),
    (platform_info, "probe_deadline", {}),
    (postgres_activity_info, "probe_deadline", {}),
    (postgres_index, "build_deadline", {"table": "events", "columns": ["account"]}),
    (postgres_index, "probe_deadline", {"table": "events", "columns": ["account"]}),
    (postgres_query_info, "statement_deadline", {}),
    (postgres_session, "probe_deadline", {"action": "terminate", "older_than": 60}),
    (rabbitmq_memory_limit, "probe_deadline", {}),
    (rabbitmq_quarantine, "settle", {"queue": "jobs", "consumers": ["worker"]}),
    (rabbitmq_queue_info, "probe_deadline", {}),
    (redis_health_info, "probe_deadline", {}),
    (redis_key, "deadline", {"prefix": "page:"}),
    (redis_unblock, "probe_deadline", {"action": "unpause"}),
)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
@pytest.mark.parametrize(
    "module, option, others", OPTIONS, ids=[f"{row[0].__name__.rpartition('.')[2]}-{row[1]}" for row in OPTIONS]
)
def test_a_time_that_nobody_would_wait_is_refused_by_its_name(
    tmp_path: Path, module: ModuleType, option: str, others: dict[str, Any], value: float
) -> None:
    client = tmp_path / "docker"
    client.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 1\n")
    client.chmod(0o755)

    result = run_main(module.main, {"docker_cli": str(client), **others, option: value})

    assert result["failed"]
    assert f"{option} has the value {float(value)!r}, which cannot be used. Give " in result["msg"]
    assert not (tmp_path / "asked").exists()
