# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    Canary,
    ModelServerSettings,
    read_model_server_settings,
)

SHA = "AB" * 32


def test_nothing_given_means_nothing_configured() -> None:
    assert read_model_server_settings(None) == read_model_server_settings({}) == ModelServerSettings()
    assert ModelServerSettings().manifest_path == ""


def test_every_key_is_read() -> None:
    settings = read_model_server_settings(
        {
            "canary": {
                "path": "/predict?x=1",
                "method": "PUT",
                "body": {"features": [1]},
                "expect": "score > `0`",
                "deadline": 2,
                "headers": {"Authorization": "Bearer x"},
            },
            "caller": {"service": ["a", "b"]},
            "model_dir": "/app/models",
            "manifest": "/app/sums.txt",
            "files": {"model.json": SHA},
            "known_good": "/srv/models",
            "latency_limit_ms": 250,
            "readiness_path": "/ready",
            "load_deadline": 60,
            "hash_deadline": 9,
        }
    )
    assert settings == ModelServerSettings(
        canary=Canary("/predict?x=1", "PUT", b'{"features": [1]}', "score > `0`", 2.0, {"Authorization": "Bearer x"}),
        callers=("a", "b"),
        model_dir="/app/models",
        manifest="/app/sums.txt",
        files={"model.json": SHA.lower()},
        known_good="/srv/models",
        latency_limit_ms=250.0,
        readiness_path="/ready",
        load_deadline=60.0,
        hash_deadline=9.0,
    )


@pytest.mark.parametrize(
    "data,path",
    [
        ({"model_dir": "/m/"}, "/m/manifest.json"),
        ({"model_dir": "/m", "manifest": "/n/sums"}, "/n/sums"),
        ({"manifest": "/n/sums"}, "/n/sums"),
        ({"model_dir": "/m", "manifest": "/n/sums", "files": {"a": SHA}}, ""),
    ],
)
def test_the_inventorys_files_win_over_the_manifest_in_the_container(data: dict[str, Any], path: str) -> None:
    assert read_model_server_settings(data).manifest_path == path


@pytest.mark.parametrize(
    "caller,callers",
    [(None, None), (False, ()), ({"service": "a"}, ("a",)), ({"service": ("a", "b")}, ("a", "b"))],
)
def test_callers_are_the_default_none_or_named(caller: object, callers: tuple[str, ...] | None) -> None:
    assert read_model_server_settings({"caller": caller}).callers == callers


@pytest.mark.parametrize(
    "data,option",
    [
        ([], "model_server"),
        ({"cannary": {}}, "model_server.cannary"),
        ({3: 4}, "model_server.3"),
        ({"canary": "yes"}, "model_server.canary"),
        ({"canary": {}}, "model_server.canary.path"),
        ({"canary": {"path": "predict"}}, "model_server.canary.path"),
        ({"canary": {"path": "//evil.example/x"}}, "model_server.canary.path"),
        ({"canary": {"path": "/a b\r\nX: y"}}, "model_server.canary.path"),
        ({"canary": {"path": "/", "method": "DELETE"}}, "model_server.canary.method"),
        ({"canary": {"path": "/", "body": 7}}, "model_server.canary.body"),
        ({"canary": {"path": "/", "deadline": 0}}, "model_server.canary.deadline"),
        ({"canary": {"path": "/", "deadline": float("inf")}}, "model_server.canary.deadline"),
        ({"canary": {"path": "/", "deadline": True}}, "model_server.canary.deadline"),
        ({"canary": {"path": "/", "expect": ["x"]}}, "model_server.canary.expect"),
        ({"canary": {"path": "/", "header": {}}}, "model_server.canary.header"),
        ({"canary": {"path": "/", "headers": "x"}}, "model_server.canary.headers"),
        ({"canary": {"path": "/", "headers": {"a b": "x"}}}, "model_server.canary.headers"),
        ({"canary": {"path": "/", "headers": {"a": "x\r\ny"}}}, "model_server.canary.headers.a"),
        ({"caller": {"service": []}}, "model_server.caller.service"),
        ({"caller": {"service": [3]}}, "model_server.caller.service"),
        ({"model_dir": "models"}, "model_server.model_dir"),
        ({"model_dir": "/app/../etc"}, "model_server.model_dir"),
        ({"known_good": "x"}, "model_server.known_good"),
        ({"files": {"m": SHA}}, "model_server.model_dir"),
        ({"model_dir": "/m", "files": {"../m": SHA}}, "model_server.files.../m"),
        ({"model_dir": "/m", "files": {"m": "123"}}, "model_server.files.m"),
        ({"model_dir": "/m", "files": ["m"]}, "model_server.files"),
        ({"latency_limit_ms": "fast"}, "model_server.latency_limit_ms"),
        ({"readiness_path": "ready"}, "model_server.readiness_path"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_option(data: object, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_model_server_settings(data)
    assert caught.value.option == option


def test_the_value_of_a_bad_header_is_not_repeated() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_model_server_settings({"canary": {"path": "/", "headers": {"Authorization": "Bearer hunter2\n"}}})
    assert "hunter2" not in str(caught.value)
