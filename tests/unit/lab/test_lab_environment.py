# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The env file of a lab."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from labtool import environment


def compute(
    before: dict[str, str] | None = None, chosen: dict[str, str] | None = None, offset: int = 0
) -> dict[str, str]:
    return environment.compute("some-lab", offset, before or {}, chosen or {})


def test_each_lab_gets_its_own_random_secrets() -> None:
    one, other = compute(), compute()
    for name in environment.SECRETS:
        assert len(one[name]) >= 32
        assert one[name] != other[name]


def test_secrets_and_choices_stay_when_the_lab_comes_up_again() -> None:
    first = compute(chosen={"TOKEN_TTL": "60"})
    assert compute(before=first) == first


def test_a_new_choice_replaces_the_old_one_and_leaves_the_secrets() -> None:
    first = compute(chosen={"POSTGRES_IMAGE": "postgres:16"})
    second = compute(before=first, chosen={"POSTGRES_IMAGE": "postgres:15"})
    assert second == {**first, "POSTGRES_IMAGE": "postgres:15"}


@pytest.mark.parametrize(
    "service,variable,port",
    [
        ("api-gateway", "LAB_PORT_API_GATEWAY", "23000"),
        ("model-server", "LAB_PORT_MODEL_SERVER", "28000"),
        ("rabbitmq", "LAB_PORT_RABBITMQ_MANAGEMENT", "35672"),
    ],
)
def test_every_port_moves_by_the_offset(service: str, variable: str, port: str) -> None:
    assert environment.port_variable(service) == variable
    assert compute(offset=20000)[variable] == port


@pytest.mark.parametrize("offset", [0, 20000])
def test_a_lab_that_is_there_keeps_its_ports_when_no_offset_is_given(offset: int) -> None:
    assert environment.port_offset(compute(offset=offset)) == offset


def test_a_lab_that_is_not_there_yet_gets_the_ports_of_the_playbook() -> None:
    assert environment.port_offset({}) == 0


@pytest.mark.parametrize(
    "role,user,password", [("app", "app", "APP_DB_PASSWORD"), ("superuser", "agentfoundry", "POSTGRES_PASSWORD")]
)
def test_the_services_log_in_to_postgres_as_the_chosen_role(role: str, user: str, password: str) -> None:
    variables = compute(chosen={"LAB_APP_ROLE": role})
    expected = f"postgresql://{user}:{variables[password]}@postgres:5432/agentfoundry"
    assert variables["DATABASE_URL"] == expected


def test_an_unknown_role_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="LAB_APP_ROLE must be one of app, superuser"):
        compute(chosen={"LAB_APP_ROLE": "root"})


def test_the_file_gives_back_what_was_written_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lab.env"
    variables = compute()
    environment.write(path, {"OLD": "1"})
    environment.write(path, variables)
    assert environment.read(path) == variables
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["lab.env"]


def test_a_lab_without_a_file_has_no_variables(tmp_path: Path) -> None:
    assert environment.read(tmp_path / "lab.env") == {}
