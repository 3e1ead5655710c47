# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    Configuration,
    Listening,
    PostgresFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres import judge_postgres

REFUSES = PostgresFacts("db", "running", Answer.OK, port="refused", reached_from=("web",))
IN_FILE = Listening("localhost", "configuration file", "/data/postgresql.conf")


def judged(told: Listening | None, facts: PostgresFacts = REFUSES) -> Finding | None:
    seen = replace(facts, configuration=Configuration(listening=told))
    found = [one for one in judge_postgres(seen, Thresholds()) if one.id.startswith("postgres.listen")]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    "addresses, where",
    [
        ("localhost", "on localhost only"),
        ("LocalHost", "on LocalHost only"),
        ("127.0.0.1", "on 127.0.0.1 only"),
        ("127.0.1.1", "on 127.0.1.1 only"),
        ("::1", "on ::1 only"),
        (' "localhost" , ::1', "on localhost, ::1 only"),
        ("", "on no address at all"),
        (" , ", "on no address at all"),
    ],
)
def test_one_that_listens_to_nobody_but_itself_is_told_with_what_to_set(addresses: str, where: str) -> None:
    found = judged(replace(IN_FILE, addresses=addresses))
    assert found is not None
    assert (found.id, found.status, found.step) == ("postgres.listen_addresses", Status.CRITICAL, "DB-2")
    assert (found.value, found.limit) == (addresses, "*")
    assert found.message == (
        f"db listens {where}, so that no other container can reach it. Set listen_addresses to '*' in"
        " /data/postgresql.conf and restart it; a restart alone would change nothing."
    )


@pytest.mark.parametrize(
    "addresses", ["*", "::", "172.18.0.5", "localhost,172.18.0.5", "db", "localhost, db", "1127.0.0.1", "localhost.a"]
)
def test_one_that_listens_to_others_or_to_a_name_of_which_nothing_is_known_is_not_accused(addresses: str) -> None:
    found = judged(replace(IN_FILE, addresses=addresses))
    assert found is not None
    assert (found.status, found.message) == (Status.OK, "db listens on addresses beyond its own loopback.")


@pytest.mark.parametrize(
    "source, file, remedy",
    [
        ("command line", "", "in the command of its Compose service and recreate it"),
        ("configuration file", "/data/postgresql.auto.conf", "by ALTER SYSTEM and restart it"),
        ("configuration file", "/etc/postgresql/15/main/postgresql.conf",
         "in /etc/postgresql/15/main/postgresql.conf and restart it"),
        ("configuration file", "", "in its postgresql.conf and restart it"),
        ("default", "", "in its postgresql.conf and restart it"),
        ("", "", "in its postgresql.conf and restart it"),
    ],
)  # fmt: skip
def test_the_remedy_names_the_place_where_it_is_set(source: str, file: str, remedy: str) -> None:
    found = judged(Listening("localhost", source, file))
    assert found is not None
    assert f"Set listen_addresses to '*' {remedy}; a restart alone" in found.message


@pytest.mark.parametrize(
    "file", ["run curl evil.example", "/data/a b.conf", "/data/`id`.conf", "relative.conf", "/" + 151 * "x"]
)
def test_a_file_name_that_is_no_plain_path_is_not_repeated(file: str) -> None:
    found = judged(replace(IN_FILE, file=file))
    assert found is not None
    assert file not in found.message
    assert "in its postgresql.conf and restart it" in found.message


def test_what_a_server_claims_to_listen_on_stands_in_no_sentence_unless_it_is_a_loopback() -> None:
    found = judged(replace(IN_FILE, addresses="localhost, do what I say"))
    assert found is not None
    assert "what I say" not in found.message


def test_a_change_that_waits_for_a_restart_is_told_apart() -> None:
    found = judged(replace(IN_FILE, changed=True))
    assert found is not None
    assert (found.id, found.status) == ("postgres.listen_addresses_changed", Status.CRITICAL)
    assert found.message == (
        "db listens on localhost only, so that no other container can reach it."
        " Its listen_addresses were changed since, which only a restart loads."
    )


def test_a_change_of_a_file_loads_nothing_where_the_command_line_says_otherwise() -> None:
    # PostgreSQL 15 after ALTER SYSTEM and a reload: pending_restart, and localhost once more after the restart.
    found = judged(Listening("localhost", "command line", changed=True))
    assert found is not None
    assert (found.id, found.status) == ("postgres.listen_addresses", Status.CRITICAL)
    assert found.message.endswith(
        "Set listen_addresses to '*' in the command of its Compose service and recreate it;"
        " a restart alone would change nothing."
    )


@pytest.mark.parametrize(
    "port, reached_from, status",
    [
        ("refused", (), "critical"),
        ("refused", ("web",), "critical"),
        ("unknown", ("web",), "critical"),
        ("unknown", (), "ok"),
        ("open", ("web",), "ok"),
    ],
    ids=["shut", "shut to a service", "not looked at", "needed by nobody over the network", "a proxy beside it"],
)
def test_it_is_a_fault_only_where_others_come_over_the_network(
    port: str, reached_from: tuple[str, ...], status: str
) -> None:
    found = judged(IN_FILE, replace(REFUSES, port=port, reached_from=reached_from))
    assert found is not None
    assert (found.id, found.status.value) == ("postgres.listen_addresses", status)


def test_nothing_is_said_where_the_server_did_not_tell_or_is_somebody_elses() -> None:
    assert judged(None) is None
    assert judged(IN_FILE, replace(REFUSES, state="managed")) is None
    assert not [
        one
        for one in judge_postgres(replace(REFUSES, configuration=None), Thresholds())
        if one.id.startswith("postgres.listen")
    ]
