# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded output of Docker Compose, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_compose import recorded

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_output import (
    parse_dry_run,
    parse_hashes,
    parse_unset_variables,
)


def service_of(name: str) -> str:
    return name.removeprefix("shop-").removesuffix("-1")


@pytest.mark.parametrize(
    "stderr,names",
    [
        (recorded("config-unset.stderr").decode(), ("DB_PASSWORD", "JWT_SECRET")),
        (recorded("config-required.stderr").decode(), ("MUST",)),
        ('WARN[0000] The "A" variable is not set. Defaulting to a blank string. \n' * 3, ("A",)),
        ("yaml: line 1: did not find expected node content", ()),
        ("", ()),
    ],
)
def test_unset_and_demanded_variables_are_named_once(stderr: str, names: tuple[str, ...]) -> None:
    assert parse_unset_variables(stderr) == names


def test_hashes_are_read_by_service() -> None:
    hashes = parse_hashes(recorded("hashes.txt").decode())

    assert sorted(hashes) == ["batch", "db", "sidecar", "web"]
    assert hashes["web"].startswith("29d2a4d0")


def test_a_line_that_is_no_hash_is_passed_over() -> None:
    assert parse_hashes("some warning\nweb cafe\n") == {}


@pytest.mark.parametrize(
    "name,changes",
    [
        ("dry-run-nothing-differs", []),
        ("dry-run-web-differs", [("shop-web-1", "web", "recreated")]),
        ("dry-run-without-dependencies", [("shop-web-1", "web", "recreated")]),
        ("dry-run-dependency-differs", [("shop-db-1", "db", "recreated"), ("shop-web-1", "web", "recreated")]),
        ("dry-run-dependency-stopped", [("shop-db-1", "db", "started")]),
        ("dry-run-new-service", [("shop-batch-1", "batch", "created")]),
    ],
)
def test_a_dry_run_is_read_as_the_changes_it_announces(name: str, changes: list[tuple[str, str, str]]) -> None:
    found = parse_dry_run(recorded(f"{name}.stderr").decode(), service_of)

    assert [(change.id, change.service, change.status) for change in found] == changes


def test_networks_and_volumes_are_told_from_containers() -> None:
    text = " DRY-RUN MODE -  Network shop_default  Creating\n DRY-RUN MODE -  Volume shop_data  Removing\n"

    assert [change.to_data() for change in parse_dry_run(text, service_of)] == [
        {"what": "network", "id": "shop_default", "service": "", "status": "created"},
        {"what": "volume", "id": "shop_data", "service": "", "status": "removed"},
    ]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert all(change.id in text for change in parse_dry_run(text, service_of))
    assert all(name in text for name in parse_unset_variables(text))
    assert all(name in text for name in parse_hashes(text))
