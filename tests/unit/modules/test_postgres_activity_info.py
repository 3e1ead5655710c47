# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""postgres_activity_info as Ansible runs it, on recorded answers of real servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_docker import Answer
from fake_platform import SECRET, inspected
from fake_platform_client import platform
from module_run import run_main

from ansible_collections.agentfoundry.incident_response.plugins.modules import postgres_activity_info

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "postgres"


def recorded(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def run(folder: Path, *first: Answer, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    state = options.pop("state", {})
    docker = platform(folder, inspected("db", state=state), inspected("web"), first=first)
    arguments = {"docker_cli": docker.path, "state_dir": str(folder / "no-state"), "name": "db", **options}
    return run_main(postgres_activity_info.main, arguments, check_mode=check_mode)


def judged(result: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["status"] for one in result["findings"]}


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_server_that_is_well_is_shown_and_never_changed(tmp_path: Path, check_mode: bool) -> None:
    result = run(tmp_path, Answer("exec*psql*", recorded("healthy.stdout")), check_mode=check_mode)
    assert not result["changed"]
    shown = result["postgres"]
    assert (shown["answer"], shown["via"], shown["state"]) == ("ok", "exec", "running")
    assert shown["slots"]["max_connections"] == 40
    assert "queries" not in shown, "statements have a module of their own"
    assert judged(result)["postgres.answers"] == "ok"
    assert {one["service"] for one in result["findings"]} <= {"", "db"}


def test_exhausted_slots_are_counted_by_state_application_and_user(tmp_path: Path) -> None:
    result = run(tmp_path, Answer("exec*psql*", recorded("slots_taken.stdout")))
    shown = result["postgres"]
    assert shown["slots"] == {"used": 37, "free": 0, "max_connections": 40, "reserved": 3}
    assert (shown["by_state"], shown["by_application"], shown["by_user"]) == (
        {"idle in transaction": 37}, {"reporting-service-leak": 37}, {"app": 37},
    )  # fmt: skip
    assert judged(result)["postgres.slots"] == "critical"


def test_when_no_slot_is_left_the_process_titles_answer(tmp_path: Path) -> None:
    refused = Answer("exec*psql*", recorded("locked_out.stdout"), recorded("locked_out.stderr"), 2)
    titles = Answer("top*", recorded("titles_slots_taken_by_superuser.txt"))
    result = run(tmp_path, refused, titles)
    shown = result["postgres"]
    assert (shown["answer"], shown["sessions_from"], shown["slots"]["used"]) == (
        "slots_exhausted", "process titles", 40,
    )  # fmt: skip
    assert judged(result)["postgres.locked_out"] == "critical"


def test_a_thousand_sessions_are_counted_and_two_hundred_are_shown(tmp_path: Path) -> None:
    answer = recorded("slots_taken.stdout").splitlines()
    number = next(index for index, line in enumerate(answer) if line.startswith("activity "))
    activity = json.loads(answer[number].removeprefix("activity "))
    activity["sessions"] = [{**activity["sessions"][0], "pid": pid} for pid in range(1000)]
    answer[number] = "activity " + json.dumps(activity)
    shown = run(tmp_path, Answer("exec*psql*", "\n".join(answer)))["postgres"]
    assert (shown["slots"]["used"], len(shown["sessions"])) == (1000, 200)


def test_a_stopped_server_is_not_asked(tmp_path: Path) -> None:
    result = run(tmp_path, state={"Status": "exited", "ExitCode": 0})
    assert (result["postgres"]["state"], result["postgres"]["answer"]) == ("exited", "not_running")
    assert judged(result)["postgres.running"] == "critical"


def test_a_server_that_is_not_there_is_a_finding_and_no_failure(tmp_path: Path) -> None:
    result = run(tmp_path, name="bd")
    assert result["postgres"] == {}
    assert judged(result)["service.missing"] == "critical"


def test_garbage_in_place_of_an_answer_is_a_finding_and_no_failure(tmp_path: Path) -> None:
    result = run(tmp_path, Answer("exec*psql*", "--psql\nactivity {\n\x1b[31mhello\n"))
    assert not result.get("failed")
    assert judged(result)["postgres.answers"] == "unknown"
    assert "another shape" in result["postgres"]["error"]


def test_no_secret_is_in_the_result(tmp_path: Path) -> None:
    stderr = f'psql: error: FATAL:  password authentication failed for user "{SECRET}"\n'
    result = run(tmp_path, Answer("exec*psql*", "--psql\n", stderr, 2))
    assert result["postgres"]["answer"] == "authentication"
    assert SECRET not in json.dumps(result)


@pytest.mark.parametrize(
    "options, told",
    [
        ({"thresholds": {"postgres_slots": 3}}, ("thresholds.postgres_slots",)),
        ({"services": {"db": {"postgres": {"hots": "x"}}}}, ("services.db.postgres.hots", "host")),
        (
            {"services": {"db": {"postgres": {"database": "dbname=other host=evil"}}}},
            ("services.db.postgres.database",),
        ),
        ({"probe_deadline": -1}, ("probe_deadline",)),
    ],
)
def test_bad_input_names_the_option_and_the_remedy(
    tmp_path: Path, options: dict[str, Any], told: tuple[str, ...]
) -> None:
    result = run(tmp_path, Answer("exec*psql*", recorded("healthy.stdout")), **options)
    assert result["failed"]
    for words in told:
        assert words in result["msg"]
