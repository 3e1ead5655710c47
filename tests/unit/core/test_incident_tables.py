# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents of many hosts as lines, as data and as a page: the same facts, no host left out in silence."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from html_check import faults_of, text_of
from record_fakes import NOON, an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import Incident, State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_statistics import (
    statistics_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_tables import (
    data_of,
    tables_text,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.incidents_page import incidents_html

HEALED = an_incident(
    id="INC-2026-02-27-001", state=State.RESOLVED, resolved_at=NOON + 65, acknowledged_at=NOON + 5, opened_at=NOON
)
AGAIN = replace(HEALED, id="INC-2026-03-01-001", opened_at=NOON + 2 * 86_400, state=State.OPEN, resolved_at=None)
OTHER = an_incident(id="INC-2026-02-28-001", platform="blog", services=("a|b <script>",), opened_at=NOON + 86_400)


def answer(*incidents: Incident) -> dict[str, Any]:
    """What incident_info returns."""
    shown = [{**one.to_data(), "response": one.response(NOON).value} for one in incidents]
    return {"changed": False, "incidents": shown, "statistics": statistics_of(incidents, NOON)}


TWO = {"shop1": answer(AGAIN, HEALED), "blog1": answer(OTHER)}
LOST = {**TWO, "gone": {"unreachable": True, "msg": "no route\nto host"}}


def test_the_newest_incident_of_all_hosts_comes_first_and_says_what_a_person_asks() -> None:
    lines = tables_text(TWO)

    assert [line.split()[:2] for line in lines[2:5]] == [
        ["shop1", "INC-2026-03-01-001"],
        ["blog1", "INC-2026-02-28-001"],
        ["shop1", "INC-2026-02-27-001"],
    ]
    assert "P2        resolved, review due 2026-03-01  2026-02-27 12:00  1 min 5 s  met" in lines[4]


def test_the_statistics_are_told_together_by_scenario_by_month_and_by_host() -> None:
    lines = tables_text(TWO)

    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles == [
        "Incidents (3)", "Statistics", "By scenario", "By month", "By host", "What came more than once",
    ]  # fmt: skip
    (row,) = [line.split() for line in lines if line.startswith("  all ")]
    assert row == ["all", "3", "2", "0", "5", "s", "1", "min", "5", "s", "1", "min", "5", "s", "100", "%"]
    assert lines[-1].split() == ["model_server", "model-server", "shop", "2", "2026-02-27", "2026-03-01"]


def test_a_host_that_gave_no_answer_is_told() -> None:
    assert tables_text(LOST)[-1] == "! gone gave no answer: no route to host"
    assert data_of(LOST)["hosts"]["gone"] == {"error": "no route\nto host"}
    assert "gone gave no answer: no route to host" in text_of(incidents_html(LOST))


def test_one_host_needs_no_column_of_hosts_and_no_statistics_when_none_were_asked_for() -> None:
    lines = tables_text({"shop1": {"incidents": answer(HEALED)["incidents"]}})

    assert lines[1].split()[0] == "incident"
    assert [line for line in lines if "Statistics" in line] == []


def test_the_page_is_valid_shows_the_same_and_escapes_what_a_service_is_called() -> None:
    page = incidents_html(TWO)

    assert faults_of(page) == []
    assert page.count("<svg") == 2
    assert "a|b &lt;script&gt;" in page
    for told in ("INC-2026-02-27-001", "By host", "Incidents by month", "1 min 5 s"):
        assert told in text_of(page)


def test_on_a_phone_each_value_stands_beside_the_name_of_its_column() -> None:
    page = incidents_html(TWO)
    assert '<td data-label="incident" class="nowrap">INC-' in page
    assert '<td data-label="incidents" class="number">' in page
    assert page.count("<td ") == page.count('<td data-label="')


def test_no_incident_at_all_is_told_so() -> None:
    empty = {"shop1": answer()}

    assert tables_text(empty)[:2] == ["Incidents (0)", "  none"]
    assert faults_of(incidents_html(empty)) == []


def test_the_data_for_machines_are_plain_json_of_each_host_and_of_all() -> None:
    data = json.loads(json.dumps(data_of(TWO)))

    assert set(data["hosts"]["shop1"]) == {"incidents", "statistics"}
    assert data["statistics"]["all"]["count"] == 3
