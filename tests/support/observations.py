# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of ``platform_info`` as the controller gets them, small and in the shape that the module gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.conclusion import conclude


def service(
    kind: str = "http",
    *,
    depends_on: Sequence[str] = (),
    declared: str = "",
    user_facing: bool = False,
    state: str = "running",
    started_at: str = "2026-03-01T08:00:00Z",
    body: Any = None,
    text: str = "",
    http_status: int | None = 200,
    **parts: Any,
) -> dict[str, Any]:
    """Return what is seen of one service with one container; ``parts`` are those of its kind's own probe."""
    return {
        "kind": kind,
        "depends_on": list(depends_on),
        "declared": declared,
        "user_facing": user_facing,
        "containers": [{"id": f"{kind}-1", "state": state, "started_at": started_at}],
        "health": {"http_status": http_status, "body": body, "text": text},
        **parts,
    }


def observation(
    *findings: Finding,
    services: Mapping[str, dict[str, Any]] | None = None,
    engine_answers: bool = True,
    project: str = "shop",
    **fields: Any,
) -> dict[str, Any]:
    """Return the result of an observation with these findings; the conclusions are drawn from them."""
    seen = {"model-server": service("model_server")} if services is None else dict(services)
    return {
        "changed": False,
        "engine": {"answers": engine_answers, "version": "24.0.5", "compose_version": "2.26.1", "message": ""},
        "platform": {"project": project, "working_dir": "/srv/shop"},
        "services": seen,
        "findings": [finding.to_data() for finding in findings],
        **conclude(
            findings,
            DependencyGraph.of({name: facts["depends_on"] for name, facts in seen.items()}),
            [name for name, facts in seen.items() if facts["user_facing"]],
            engine_answers=engine_answers,
        ),
        "record": {"available": True, "open_incidents": []},
        "samples": {},
        "duration_ms": 350,
        **fields,
    }
