# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that a person reads, as a whole: one example of each end of a run."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest
from findings import critical, fine, unknown, warning

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plan import NOT_CALLED
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.report import (
    Line,
    RunRecord,
    render_report,
)

HELD = critical(
    "model_server.held",
    message="model-server runs, but its canary hangs: a lock is held.",
    evidence=("08:00:01 predict: waiting", "08:00:02 predict: waiting", "08:00:03 predict: waiting", "08:00:04 bye"),
    step="MS-1",
)
GATEWAY = critical("http.health", "api-gateway", message="api-gateway answers with HTTP status 503.", step="SC-4")
RESTART = {
    "action": "restart",
    "services": ["model-server"],
    "tier": "disruptive",
    "needs_approval": False,
    "reason": HELD.message,
}
RESTORE = {**RESTART, "action": "restore_model", "tier": "destructive", "needs_approval": True, "reason": "It is bad."}
SKIPPED = [
    {"action": "wait", "reason": NOT_CALLED},
    {"action": "unpause", "reason": "it would not help: It runs."},
    {"action": "restart", "reason": NOT_CALLED},
    {"action": "recreate", "reason": NOT_CALLED},
]
INCIDENT = {"id": "INC-2026-03-01-001", "severity": "P2", "state": "resolved"}
FILE = "/var/lib/incident_response/incident_response.sqlite"


def record(*findings: Finding, **fields: Any) -> RunRecord:
    """Return a run on a platform of two services, as the flow hands it over; in trouble unless it says otherwise."""
    diagnosis = {
        "platform": "shop",
        "in_trouble": True,
        "scope": ["model-server"],
        "services": ["model-server"],
        "dependants": [],
        "root_cause": HELD.message,
        "plan": {"steps": [], "skipped": []},
        **fields.pop("diagnosis", {}),
    }
    observed = {
        "services": {"api-gateway": {}, "model-server": {}},
        "duration_ms": 412,
        "failing": sorted({finding.service for finding in findings if finding.status.value == "critical"}),
        "findings": [finding.to_data() for finding in findings],
    }
    outcome = {"passes": False, "remedy": "", "reason": "Because.", **fields.pop("outcome")}
    defaults: dict[str, Any] = {"history": [], "incident": None, "record_file": "", "duration": 21.34}
    return RunRecord(
        **{
            "title": "Model server timeout",
            "host": "docker-1",
            "observed": observed,
            "diagnosis": diagnosis,
            "outcome": outcome,
            **defaults,
            **fields,
        }
    )


def text_of(run: RunRecord) -> str:
    return "\n".join(line.text.rstrip() for line in render_report(run)) + "\n"


HEALED = record(
    HELD,
    GATEWAY,
    unknown("observation.logs", message="The log could not be read in time."),
    unknown("observation.processes", message="The log could not be read in time."),
    warning("log.timeout", message="The log tells of time-outs.", step="MS-3"),
    fine("container.state"),
    diagnosis={
        "dependants": ["api-gateway"],
        "plan": {"steps": [RESTART], "skipped": SKIPPED},
    },
    history=[
        {
            "action": "restart",
            "services": ["model-server"],
            "message": "healed and stable for 15 s",
            "healed": True,
            "restored_after": 2.04,
        }
    ],
    outcome={"ending": "healed", "passes": True, "reason": "restart of model-server healed it."},
    incident=INCIDENT,
    record_file=FILE,
)
ESCALATED = record(
    HELD,
    unknown("observation.logs", message="The log could not be read in time."),
    diagnosis={"plan": {"steps": [RESTART], "skipped": []}},
    history=[
        {
            "action": "restart",
            "services": ["model-server"],
            "message": "The canary does not answer.",
            "healed": False,
            "restored_after": None,
        },
    ],
    outcome={
        "ending": "escalated",
        "reason": "restart did not heal it: a lock is held.",
        "remedy": "No rung of the ladder is left: a person has to look.",
    },
    incident={**INCIDENT, "state": "open"},
    record_file=FILE,
)
REFUSED = record(
    critical("model_server.file_corrupt", message="The model file is corrupt.", step="MS-5"),
    diagnosis={"root_cause": "The model file is corrupt.", "plan": {"steps": [RESTORE], "skipped": []}},
    outcome={
        "ending": "refused",
        "reason": "restore_model needs approval.",
        "remedy": "Approve it with -e model_server_approved_actions=restore_model.",
    },
    incident={**INCIDENT, "state": "open"},
    record_file=FILE,
)
HEALTHY = record(
    fine("model_server.canary"),
    critical("http.health", "cache", message="Of no concern to this scenario."),
    diagnosis={"in_trouble": False, "services": [], "root_cause": ""},
    outcome={"ending": "healthy", "passes": True, "reason": "Nothing is wrong."},
    duration=0.93,
)
DIAGNOSED = record(
    HELD,
    diagnosis={"dependants": ["api-gateway", "recommendation"], "plan": {"steps": [], "skipped": []}},
    outcome={"ending": "diagnosed", "reason": HELD.message, "remedy": "No rung of the ladder is left."},
)


@pytest.mark.parametrize(
    "run, expected",
    [
        pytest.param(
            HEALED,
            """\
            Model server timeout: shop on docker-1
              observed    2 services in 0.4 s, 2 failing: api-gateway, model-server
              findings    critical  model-server runs, but its canary hangs: a lock is held. (MS-1)
                                      | 08:00:02 predict: waiting
                                      | 08:00:03 predict: waiting
                                      | 08:00:04 bye
                          unknown   The log could not be read in time.
                          warning   The log tells of time-outs. (MS-3)
              root cause  model-server runs, but its canary hangs: a lock is held.
                          api-gateway only suffers from it
              plan        1. restart model-server (disruptive)
                          -  unpause: it would not help: It runs.
                          -  not called for: wait, recreate
              done        restart model-server: healed and stable for 15 s; serving again after 2.0 s
              result      healed (21.3 s)
              incident    INC-2026-03-01-001 (P2, resolved) in /var/lib/incident_response/incident_response.sqlite
            """,
            id="healed",
        ),
        pytest.param(
            ESCALATED,
            """\
            Model server timeout: shop on docker-1
              observed    2 services in 0.4 s, 1 failing: model-server
              findings    critical  model-server runs, but its canary hangs: a lock is held. (MS-1)
                                      | 08:00:02 predict: waiting
                                      | 08:00:03 predict: waiting
                                      | 08:00:04 bye
                          unknown   The log could not be read in time.
              root cause  model-server runs, but its canary hangs: a lock is held.
              plan        1. restart model-server (disruptive)
              done        restart model-server: The canary does not answer.
              result      not healed, escalated (21.3 s)
                          restart did not heal it: a lock is held.
              go on       No rung of the ladder is left: a person has to look.
              incident    INC-2026-03-01-001 (P2, open) in /var/lib/incident_response/incident_response.sqlite
            """,
            id="escalated",
        ),
        pytest.param(
            REFUSED,
            """\
            Model server timeout: shop on docker-1
              observed    2 services in 0.4 s, 1 failing: model-server
              findings    critical  The model file is corrupt. (MS-5)
              root cause  The model file is corrupt.
              plan        1. restore_model model-server (destructive, needs approval)
                             because It is bad
              result      not healed, the guard refused (21.3 s)
                          restore_model needs approval.
              go on       Approve it with -e model_server_approved_actions=restore_model.
              incident    INC-2026-03-01-001 (P2, open) in /var/lib/incident_response/incident_response.sqlite
            """,
            id="refused",
        ),
        pytest.param(
            HEALTHY,
            """\
            Model server timeout: shop on docker-1
              observed    2 services in 0.4 s, 1 failing: cache
              result      healthy (0.9 s)
            """,
            id="healthy",
        ),
        pytest.param(
            DIAGNOSED,
            """\
            Model server timeout: shop on docker-1
              observed    2 services in 0.4 s, 1 failing: model-server
              findings    critical  model-server runs, but its canary hangs: a lock is held. (MS-1)
                                      | 08:00:02 predict: waiting
                                      | 08:00:03 predict: waiting
                                      | 08:00:04 bye
              root cause  model-server runs, but its canary hangs: a lock is held.
                          api-gateway, recommendation only suffer from it
              plan        no rung of the ladder answers this
              result      in trouble, nothing was changed (21.3 s)
              go on       No rung of the ladder is left.
            """,
            id="diagnosed",
        ),
    ],
)
def test_the_report_of_a_run_that_is(run: RunRecord, expected: str) -> None:
    assert text_of(run) == dedent(expected)


def style_of(run: RunRecord, beginning: str) -> str:
    (line,) = (line for line in render_report(run) if line.text.lstrip().startswith(beginning))
    return line.style


@pytest.mark.parametrize(
    "run, beginning, style",
    [
        (HEALED, "Model server timeout", "title"),
        (HEALED, "findings    critical", "bad"),
        (HEALED, "warning", "warn"),
        (HEALED, "observed", "plain"),
        (HEALED, "done", "good"),
        (HEALED, "result", "good"),
        (ESCALATED, "unknown", "warn"),
        (ESCALATED, "done", "warn"),
        (ESCALATED, "result", "bad"),
        (REFUSED, "result", "bad"),
        (DIAGNOSED, "result", "bad"),
        (DIAGNOSED, "plan", "warn"),
        (HEALTHY, "result", "good"),
    ],
)
def test_colour_follows_what_a_line_means(run: RunRecord, beginning: str, style: str) -> None:
    assert style_of(run, beginning) == style


def test_nothing_that_a_service_says_can_steer_the_terminal() -> None:
    nasty = critical("x.y", message="\x1b[2Jgone\u202e\nresult      healed", evidence=("\x1b]0;title\x07", "y" * 9999))
    run = record(nasty, outcome={"ending": "escalated", "reason": "\x1b[31mred" + "z" * 9999, "remedy": "two\nlines"})

    lines = render_report(run)

    assert [line.text for line in lines if not line.text.isprintable()] == []
    assert max(len(line.text) for line in lines) == 300
    assert max(len(line.text) for line in lines if "yyy" in line.text) < 200
    assert sum(line.text.startswith("  result") for line in lines) == 1


def test_many_findings_are_counted_and_not_listed() -> None:
    run = record(
        *(critical(f"x.y{number}") for number in range(15)), outcome={"ending": "escalated", "reason": "Because."}
    )

    assert text_of(run).count("critical  ") == 12
    assert "              and 3 more\n" in text_of(run)


@pytest.mark.parametrize("count, words", [(1, "1 service in "), (2, "2 services in ")])
def test_services_are_counted_in_good_english(count: int, words: str) -> None:
    services: dict[str, dict[str, str]] = {name: {} for name in ["web", "db"][:count]}
    run = replace(HEALED, observed={**HEALED.observed, "services": services})

    assert f"observed    {words}" in text_of(run)


def test_what_is_still_to_come_stands_below_what_was_done() -> None:
    (entry,) = HEALED.history
    draining = "jobs is being worked off: 4,000 messages will take about 80 s."
    run = replace(HEALED, history=[{**entry, "outlook": [draining]}])

    assert f"serving again after 2.0 s\n                {draining}\n" in text_of(run)


def test_a_line_without_a_style_is_plain() -> None:
    assert Line("text").style == "plain"
