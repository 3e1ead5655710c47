# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.daemon_json import (
    Rotation,
    as_text,
    merge_rotation,
    parse_configuration,
    refuse_flags,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)

ROTATED = {"max-size": "10m", "max-file": "3"}


@pytest.mark.parametrize(
    "before, options",
    [
        ({}, ROTATED),
        ({"data-root": "/srv/docker"}, ROTATED),
        ({"log-driver": "json-file", "log-opts": {"tag": "x"}}, {"tag": "x", **ROTATED}),
        ({"log-opts": {"max-size": "50m"}}, {"max-size": "50m", "max-file": "3"}),
    ],
)
def test_rotation_is_merged_and_nothing_is_overwritten(before: dict[str, Any], options: dict[str, str]) -> None:
    after = merge_rotation(before, Rotation())

    assert after["log-opts"] == options
    assert {key: value for key, value in after.items() if not key.startswith("log")} == {
        key: value for key, value in before.items() if not key.startswith("log")
    }
    assert merge_rotation(after, Rotation("1m", 9)) == after


def test_a_driver_that_rotates_by_itself_is_left_alone() -> None:
    assert merge_rotation({"log-driver": "local"}, Rotation()) == {"log-driver": "local"}


@pytest.mark.parametrize("settings", [{"log-driver": "journald"}, {"log-driver": "syslog"}, {"log-opts": []}])
def test_what_cannot_be_merged_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(IncidentResponseError):
        merge_rotation(settings, Rotation())


@pytest.mark.parametrize("text", ["{", "{'a': 1}", "[]", '"x"', '{"a": 1, "a": 2}', '{"a": 1,}'])
def test_what_is_not_one_object_is_refused_and_named(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_configuration(text, "/etc/docker/daemon.json")
    assert "/etc/docker/daemon.json" in str(caught.value)
    assert "not touched" in str(caught.value)


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_file_has_no_settings(text: str) -> None:
    assert parse_configuration(text, "/x") == {}


def test_the_order_of_the_settings_is_kept() -> None:
    text = as_text(merge_rotation(parse_configuration('{"z": 1, "a": 2}', "/x"), Rotation()))
    assert text.index('"z"') < text.index('"a"') < text.index('"log-opts"')
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    "words, why",
    [
        (["--log-opt", "max-size=1m"], "--log-opt"),
        (["--log-driver=json-file"], "--log-driver"),
        (["--config-file", "/srv/d.json"], "reads /srv/d.json"),
        (["--config-file=/srv/d.json"], "reads /srv/d.json"),
    ],
)
def test_dockerd_that_would_not_start_again_or_reads_elsewhere_is_refused(words: list[str], why: str) -> None:
    with pytest.raises(IncidentResponseError, match=why):
        refuse_flags(words, "/etc/docker/daemon.json")


def test_other_flags_are_no_obstacle_and_the_one_that_is_among_them_is_named() -> None:
    others = ["-H", "fd://", "--config-file=/etc/docker/daemon.json"]
    for harmless in ([], others[:2], others[2:], others):
        refuse_flags(harmless, "/etc/docker/daemon.json")
    with pytest.raises(IncidentResponseError, match="dockerd is started with --log-driver"):
        refuse_flags([*others, "--log-driver=local"], "/etc/docker/daemon.json")
