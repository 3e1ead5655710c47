# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure parts of the lab's services, and the model file they serve."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from types import ModuleType

import pytest
from services import model_file
from services.faults import number
from services.model_file import ModelFileError
from services.model_worker import score
from services.settings import Settings
from services.web import Application, HttpError, Request, Response

from labtool.model import KNOWN_GOOD


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    for name in ("model.json", "manifest.json"):
        (tmp_path / name).write_bytes((KNOWN_GOOD / name).read_bytes())
    return tmp_path


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", KNOWN_GOOD / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_model_is_what_its_script_makes() -> None:
    script = generator()
    model = script.model_bytes()
    assert (KNOWN_GOOD / "model.json").read_bytes() == model
    assert (KNOWN_GOOD / "manifest.json").read_bytes() == script.manifest_bytes(model)


def test_the_known_good_model_loads(model_dir: Path) -> None:
    model = model_file.load(model_dir)
    assert len(model["weights"]) == 9000


@pytest.mark.parametrize(
    "name,content,reason",
    [
        ("model.json", b"version https://git-lfs.github.com/spec/v1\n", "has 43 bytes"),
        ("model.json", b"", "has 0 bytes"),
        ("manifest.json", b"not JSON", "JSONDecodeError"),
        ("manifest.json", b"[]", "TypeError"),
        ("manifest.json", b'{"files": {}}', "KeyError"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(model_dir: Path, name: str, content: bytes, reason: str) -> None:
    (model_dir / name).write_bytes(content)
    with pytest.raises(ModelFileError, match=reason):
        model_file.load(model_dir)


def test_one_corrupt_byte_is_found(model_dir: Path) -> None:
    raw = bytearray((model_dir / "model.json").read_bytes())
    raw[40000] = ord("#")
    (model_dir / "model.json").write_bytes(raw)
    with pytest.raises(ModelFileError, match=r"the manifest says 84518 bytes"):
        model_file.read(model_dir)


@pytest.mark.parametrize("name", ["model.json", "manifest.json"])
def test_an_absent_file_is_refused(model_dir: Path, name: str) -> None:
    (model_dir / name).unlink()
    with pytest.raises(ModelFileError, match="FileNotFoundError"):
        model_file.load(model_dir)


@pytest.mark.parametrize(
    "features,expected",
    [([], 0.5), ([1.0], 1 / (1 + math.exp(-2))), ([1.0, 1.0, 5.0], 0.5), ([1e9], 1.0), ([-1e9], 0.0)],
)
def test_the_score_is_logistic(features: list[float], expected: float) -> None:
    assert score(0.0, [2.0, -2.0], features) == pytest.approx(expected)


def request(path: str, method: str = "GET") -> Request:
    return Request(method, path, {}, {})


def refuse(_: Request) -> Response:
    raise HttpError(401, "no bearer token")


def fail(*_: object) -> Response:
    raise RuntimeError("broken")


@pytest.mark.parametrize(
    "asked,status,body",
    [
        (request("/live"), 200, {"status": "alive", "service": "some-service"}),
        (request("/refuse"), 401, {"error": "no bearer token"}),
        (request("/fail"), 500, {"error": "RuntimeError: broken"}),
        (request("/fail", "POST"), 404, {"error": "no route for POST /fail"}),
        (request("/nowhere"), 404, {"error": "no route for GET /nowhere"}),
    ],
)
def test_every_request_is_answered(asked: Request, status: int, body: dict[str, str]) -> None:
    application = Application("some-service", routes={("GET", "/refuse"): refuse, ("GET", "/fail"): fail})
    assert application.handle(asked) == Response(status, body)


def test_health_is_green_when_each_dependency_is_well() -> None:
    response = Application("some-service", checks={"redis": lambda: None}).health()
    assert (response.status, response.body["status"], response.body["checks"]["redis"]["ok"]) == (200, "ok", True)


def test_health_names_the_dependency_that_fails_and_hides_none_of_the_others() -> None:
    response = Application("some-service", checks={"redis": lambda: None, "postgres": fail}).health()
    assert (response.status, response.body["status"]) == (503, "degraded")
    assert response.body["checks"]["redis"]["ok"]
    assert response.body["checks"]["postgres"]["error"] == "RuntimeError: broken"


def test_a_loading_service_says_so_without_asking_its_dependencies() -> None:
    application = Application("some-service", checks={"postgres": fail}, loading=lambda: True)
    assert application.health() == Response(503, {"status": "loading", "service": "some-service"})


def test_faults_are_off_unless_asked_for() -> None:
    environment = {"SERVICE": "model-server", "PORT": "8000"}
    assert not Settings.from_environment(environment).faults_enabled
    assert Settings.from_environment({**environment, "FAULTS_ENABLED": "1"}).faults_enabled


@pytest.mark.parametrize("body", [{}, {"count": "many"}, {"count": None}])
def test_a_fault_point_wants_its_numbers(body: dict[str, object]) -> None:
    with pytest.raises(HttpError, match="count must be a whole number"):
        number(body, "count")


def test_the_manifest_tells_size_and_digest() -> None:
    entry = json.loads((KNOWN_GOOD / "manifest.json").read_text())["files"]["model.json"]
    assert entry["size"] == (KNOWN_GOOD / "model.json").stat().st_size
    assert len(entry["sha256"]) == 64
