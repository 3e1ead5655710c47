# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Self-healing with nothing but Docker: a killed service is healed by the rulebook of Docker's events."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from lab_record import LabRecord, attempts, kinds
from monitoring import needs_java
from rulebook import quick_inventory, running

from ansible_collections.agentfoundry.incident_response.extensions.eda.plugins.event_source.compose_events import main
from labtool.lab import Lab

pytestmark = needs_java


def test_a_killed_service_is_started_again_by_one_run_and_the_record_says_what_docker_told(
    lab: Lab, record: LabRecord, environment: dict[str, str], tmp_path: Path
) -> None:
    variables = {"compose_platforms": {lab.project: "agentfoundry"}, "compose_die_hold": 1, "compose_pause": 1}

    with running("compose_events", tmp_path, variables, environment, inventory=quick_inventory(tmp_path)) as rulebook:
        killed = lab.container_id("user-service")
        lab.docker("kill", killed)
        rulebook.until(lambda: [one["state"] for one in record.incidents()] == ["resolved"], "the incident is resolved")
        rulebook.says("PLAY RECAP")

    assert record.only["services"] == ["user-service"]
    assert (record.only["scenario"], attempts(record.only)[0]) == ("service_crash", ("start", "done"))
    assert (kinds(record.only)[0], kinds(record.only)[-1]) == ("opened", "resolved")
    assert rulebook.output.count("PLAY RECAP") == 1
    assert "user-service died with exit code 137" in str(record.only["detected"])
    assert "user-service" not in lab.unhealthy()
    assert lab.container_id("user-service") == killed


def test_docker_tells_of_what_is_killed_and_of_what_was_down_before_and_nothing_of_what_is_started_again(
    lab: Lab,
) -> None:
    async def watched() -> list[str]:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)
        args = {"platforms": {lab.project: "agentfoundry"}, "die_hold": 5, "pause": 0}
        source = asyncio.create_task(main(queue, args))
        try:
            async with asyncio.timeout(120):
                before = (await queue.get())["compose"]["detail"]
                # Both die; one comes back within the hold, which a restart is.
                await asyncio.to_thread(lab.docker, "restart", "-t", "0", lab.container_id("reporting-service"))
                await asyncio.to_thread(lab.docker, "kill", lab.container_id("user-service"))
                return [before, (await queue.get())["compose"]["detail"]]
        finally:
            source.cancel()
            await asyncio.gather(source, return_exceptions=True)

    lab.docker("kill", lab.container_id("notification-service"))

    assert asyncio.run(watched()) == ["notification-service died", "user-service died with exit code 137"]
