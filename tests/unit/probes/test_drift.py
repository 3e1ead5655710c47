# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import Configuration
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.container_facts import (
    container_facts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.drift import DriftFacts, probe_drift

A, B, C = "a" * 64, "b" * 64, "c" * 64


@dataclass
class FakeCompose:
    """Compose's answers; notes what it was asked."""

    wanted: dict[str, str]
    bare: dict[str, str] = field(default_factory=dict)
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    error: str = ""
    release: str = "2.26.1-4"
    asked: list[str] = field(default_factory=list)

    def version(self) -> str:
        self.asked.append("version")
        return self.release

    def configuration(self) -> Configuration:
        self.asked.append("configuration")
        return Configuration({name: self.services.get(name, {}) for name in self.wanted}, self.unset, self.error)

    def hashes(self) -> dict[str, str]:
        self.asked.append("hashes")
        return self.wanted

    def hashes_without_dependencies(self, services: Sequence[str]) -> dict[str, str]:
        self.asked.append("bare hashes")
        return {name: self.bare.get(name, "") for name in services}


def entry(service: str, config_hash: str, version: str = "2.26.1") -> dict[str, Any]:
    labels = {"service": service, "project": "shop", "config-hash": config_hash, "version": version}
    return {"Id": service, "Config": {"Labels": {f"com.docker.compose.{name}": text for name, text in labels.items()}}}


def probe(compose: FakeCompose, entries: list[dict[str, Any]], folder: Path, *profiles: str) -> DriftFacts:
    file = folder / "compose.yaml"
    file.touch()
    files = FileSet("shop", str(folder), (str(file),), profiles=profiles, source="labels")
    return probe_drift(compose, files, [container_facts(one, Redactor()) for one in entries], entries)


def test_when_every_hash_agrees_one_question_is_enough(tmp_path: Path) -> None:
    compose = FakeCompose({"web": A, "db": B})
    found = probe(compose, [entry("web", A), entry("db", B)], tmp_path)
    assert found == DriftFacts(compared=True)
    assert found.drift_of("web") is False
    assert compose.asked == ["hashes"]


def test_another_hash_is_drift(tmp_path: Path) -> None:
    found = probe(FakeCompose({"web": A, "db": B}), [entry("web", C), entry("db", B)], tmp_path)
    assert (found.drift_of("web"), found.drift_of("db")) == (True, False)


def test_a_container_made_without_its_dependencies_has_not_drifted_and_they_are_known_from_the_files(
    tmp_path: Path,
) -> None:
    compose = FakeCompose({"web": A, "db": B}, {"web": C}, {"web": {"depends_on": {"db": {}}}})
    found = probe(compose, [entry("web", C), entry("db", B)], tmp_path)
    assert found.drift_of("web") is False
    assert found.depends_on["web"] == {"db"}


@pytest.mark.parametrize(
    "changes, version, words",
    [
        ({}, "2.20.0", "made by Compose 2.20.0"),
        ({"release": ""}, "2.26.1", "here is unknown"),
        ({"unset": ("JWT_SECRET",)}, "2.26.1", "JWT_SECRET"),
        ({"services": {"web": {"network_mode": "service:db"}}}, "2.26.1", "network_mode"),
    ],
)
def test_what_cannot_be_compared_is_neither_drift_nor_none(
    tmp_path: Path, changes: Mapping[str, Any], version: str, words: str
) -> None:
    compose = FakeCompose({"web": A}, **changes)
    found = probe(compose, [entry("web", C, version)], tmp_path)
    assert found.drift_of("web") is None
    assert words in found.unknown["web"]


@pytest.mark.parametrize(
    "service, profiles, absent",
    [
        ({}, (), {"job"}),
        ({"profiles": ["tools"]}, (), set()),
        ({"profiles": ["tools"]}, ("tools",), {"job"}),
        ({"deploy": {"replicas": 0}}, (), set()),
        ({"scale": 0}, (), set()),
    ],
)
def test_a_service_of_the_files_without_a_container_is_absent(
    tmp_path: Path, service: dict[str, Any], profiles: tuple[str, ...], absent: set[str]
) -> None:
    compose = FakeCompose({"web": A, "job": B}, services={"job": service})
    assert probe(compose, [entry("web", A)], tmp_path, *profiles).absent == absent


def test_files_that_compose_refuses_are_said(tmp_path: Path) -> None:
    found = probe(FakeCompose({}, error="yaml: line 3: mapping values are not allowed"), [entry("web", A)], tmp_path)
    assert (found.compared, found.reason) == (False, "yaml: line 3: mapping values are not allowed")
    assert found.drift_of("web") is None


def test_files_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    compose = FakeCompose({"web": A})
    files = FileSet("shop", str(tmp_path), (str(tmp_path / "gone.yaml"),), source="labels")
    found = probe_drift(compose, files, [], [])
    assert "gone.yaml cannot be read" in found.reason
    assert compose.asked == []


def test_without_files_nothing_is_compared() -> None:
    assert probe_drift(FakeCompose({}), FileSet("shop"), [], []).reason == "no Compose file is known"
