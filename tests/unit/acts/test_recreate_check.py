# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a recreate is refused, and what is said of one that is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from recorded_compose import RecordedRunner, answer, recorded, recorded_containers

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_case import (
    InventoryFiles,
    recreate_case,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_check import (
    RecreateCheck,
    Wish,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    EngineUnavailableError,
    InvalidInputError,
    PlatformNotFoundError,
)

DRY_RUN = ("up", "--dry-run")
NO_DEPS = ("up", "--dry-run", "--no-deps")
CONFIG = ("config", "--format", "json")
BARE_HASH = recorded("hashes-without-dependencies-of-web.txt").decode().split("web ")[1].strip()
SECRETS = ("pw-of-the-db", "secret-of-the-web")


@pytest.fixture
def files(tmp_path: Path) -> InventoryFiles:
    """Readable files; what is in them does not matter, Compose's answers are recorded."""
    for name in ("compose.yaml", "shop.env"):
        (tmp_path / name).write_text("")
    return InventoryFiles(files=(str(tmp_path / "compose.yaml"),), env_files=(str(tmp_path / "shop.env"),))


def check(runner: RecordedRunner, files: InventoryFiles, *services: str, **wish: bool) -> RecreateCheck:
    return recreate_case(DockerCli(runner), "shop", Wish(services or ("web",), **wish), files, deadline=5.0)


def stderr(name: str) -> CommandResult:
    return answer(b"", recorded(f"{name}.stderr"))


def with_web(change: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """The recorded containers, with shop-web-1 changed."""
    containers = recorded_containers()
    for container in containers:
        if container["Name"] == "/shop-web-1":
            change(container)
    return containers


def without_sidecar() -> list[dict[str, Any]]:
    return [container for container in recorded_containers() if container["Name"] != "/shop-sidecar-1"]


def set_label(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    return lambda container: container["Config"]["Labels"].update({f"com.docker.compose.{name}": value})


def configuration(change: Callable[[dict[str, Any]], None]) -> CommandResult:
    """The recorded configuration with the service web changed."""
    data = json.loads(recorded("config.json"))
    change(data["services"]["web"])
    return answer(json.dumps(data).encode())


def test_a_platform_that_equals_its_files_may_be_recreated_and_nothing_would_change(files: InventoryFiles) -> None:
    result = check(RecordedRunner(), files)

    assert result.refused is None
    assert result.would_change == ()
    assert result.drifted == ()
    assert result.differing == {}
    assert result.dependencies is True


def test_the_files_come_from_the_labels_when_the_inventory_names_none() -> None:
    result = check(RecordedRunner(), InventoryFiles())

    assert result.files.files == ("/srv/shop/compose.yaml",)
    assert result.files.env_files == ("/srv/shop/shop.env",)
    assert result.files.source == "labels"


def _missing_env_file(files: InventoryFiles) -> None:
    Path(files.env_files[0]).unlink()


def _directory_in_place_of_a_file(files: InventoryFiles) -> None:
    Path(files.files[0]).unlink()
    Path(files.files[0]).mkdir()


@pytest.mark.parametrize(
    "damage,name",
    [
        (lambda files: Path(files.files[0]).unlink(), "compose.yaml"),
        (_missing_env_file, "shop.env"),
        (_directory_in_place_of_a_file, "compose.yaml"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_name(
    damage: Callable[[InventoryFiles], None], name: str, files: InventoryFiles
) -> None:
    damage(files)
    runner = RecordedRunner()

    result = check(runner, files)

    assert result.refused is not None
    assert result.refused.rule == "compose_file_missing"
    assert name in result.refused.message
    assert runner.called("compose") == []


REFUSALS: list[Any] = [
    pytest.param(
        {CONFIG: answer(recorded("config.json"), recorded("config-unset.stderr"))},
        "variable_unset",
        "DB_PASSWORD, JWT_SECRET",
        id="a variable is unset",
    ),
    pytest.param(
        {CONFIG: answer(b"", recorded("config-required.stderr"), 15)},
        "variable_unset",
        "MUST",
        id="a variable is demanded",
    ),
    pytest.param(
        {CONFIG: answer(b"", recorded("config-broken.stderr"), 15)},
        "compose_config_invalid",
        "did not find expected node content",
        id="the file is broken",
    ),
    pytest.param({CONFIG: answer(b"[]")}, "compose_config_invalid", "no configuration", id="the answer is odd"),
    pytest.param(
        {CONFIG: answer(b"", b"", 137, timed_out=True)}, "compose_config_invalid", "within", id="Compose hangs"
    ),
    pytest.param(
        {CONFIG: configuration(lambda web: web["environment"].update(JWT_SECRET=""))},
        "variable_blanked",
        "JWT_SECRET",
        id="a secret would be blanked",
    ),
    pytest.param(
        {CONFIG: configuration(lambda web: web["environment"].update(LEVEL=None))},
        "variable_blanked",
        "LEVEL",
        id="a variable comes from an environment that has none",
    ),
    pytest.param(
        {CONFIG: configuration(lambda web: web.update(image="shop/web:2"))},
        "image_missing",
        "shop/web:2",
        id="the image is not there",
    ),
    pytest.param(
        {NO_DEPS: stderr("dry-run-dependency-differs"), DRY_RUN: stderr("dry-run-dependency-differs")},
        "outside_plan",
        "the service db: shop-db-1 would be recreated",
        id="another service would change in any case",
    ),
    pytest.param(
        {DRY_RUN: answer(b"", b" DRY-RUN MODE -  Network shop_default  Removing\n")},
        "outside_plan",
        "the network shop_default",
        id="the network would be removed",
    ),
    pytest.param(
        {DRY_RUN: stderr("dry-run-web-differs")},
        "outside_plan",
        "sidecar lives in the network or process namespace of web",
        id="another container lives in its network",
    ),
    pytest.param(
        {DRY_RUN: answer(b"", b"Error response from daemon: conflict\n", 1)},
        "dry_run_failed",
        "conflict",
        id="the dry run fails",
    ),
]


@pytest.mark.parametrize("answers,rule,words", REFUSALS)
def test_it_is_refused_with_the_rule_the_reason_and_a_remedy(
    answers: Mapping[tuple[str, ...], CommandResult], rule: str, words: str, files: InventoryFiles
) -> None:
    result = check(RecordedRunner(answers), files)

    assert result.refused is not None
    assert result.refused.rule == rule
    assert words in result.refused.message
    assert result.refused.remedy


@pytest.mark.parametrize("answers,rule,words", REFUSALS)
def test_no_value_of_a_secret_is_in_the_answer(
    answers: Mapping[tuple[str, ...], CommandResult], rule: str, words: str, files: InventoryFiles
) -> None:
    text = json.dumps(check(RecordedRunner(answers), files).to_data())

    assert [secret for secret in SECRETS if secret in text] == []


def test_a_secret_in_composes_error_is_redacted(files: InventoryFiles) -> None:
    runner = RecordedRunner({CONFIG: answer(b"", b"cannot parse secret-of-the-web as a number\n", 15)})

    result = check(runner, files)

    assert result.refused is not None
    assert "secret-of-the-web" not in result.refused.message


def test_a_service_that_the_files_do_not_define_is_refused(files: InventoryFiles) -> None:
    result = check(RecordedRunner(), files, "web", "nosuch")

    assert result.refused is not None
    assert result.refused.rule == "service_not_in_files"
    assert "nosuch" in result.refused.message


def test_a_missing_image_is_no_hindrance_when_it_may_be_pulled(files: InventoryFiles) -> None:
    runner = RecordedRunner({CONFIG: configuration(lambda web: web.update(image="shop/web:2"))})

    result = check(runner, files, may_pull=True)

    assert result.refused is None
    assert result.differing == {"web": ("image",)}


def test_dependencies_are_left_out_when_one_of_them_would_change(files: InventoryFiles) -> None:
    answers = {NO_DEPS: stderr("dry-run-without-dependencies"), DRY_RUN: stderr("dry-run-dependency-differs")}

    result = check(RecordedRunner(answers, without_sidecar()), files)

    assert result.refused is None
    assert result.dependencies is False
    assert [change.service for change in result.would_change] == ["web"]


def test_dependencies_are_left_out_when_one_of_them_does_not_get_healthy(files: InventoryFiles) -> None:
    failing = answer(b"", b"dependency failed to start: container shop-db-1 is unhealthy\n", 1)
    answers = {NO_DEPS: stderr("dry-run-without-dependencies"), DRY_RUN: failing}

    result = check(RecordedRunner(answers, without_sidecar()), files)

    assert result.refused is None
    assert result.dependencies is False


def test_what_was_recreated_without_dependencies_is_not_recreated_again_for_its_hash(files: InventoryFiles) -> None:
    answers = {NO_DEPS: stderr("dry-run-nothing-differs"), DRY_RUN: stderr("dry-run-web-differs")}

    result = check(RecordedRunner(answers, with_web(set_label("config-hash", BARE_HASH))), files)

    assert result.would_change == ()
    assert result.dependencies is False


@pytest.mark.parametrize("force", [True, False])
def test_a_forced_recreate_is_asked_of_compose_as_such(force: bool, files: InventoryFiles) -> None:
    runner = RecordedRunner()

    check(runner, files, force=force)

    assert bool(runner.called("up", "--force-recreate")) is force


def test_nothing_but_reading_and_dry_runs_is_ever_asked_for(files: InventoryFiles) -> None:
    runner = RecordedRunner({DRY_RUN: stderr("dry-run-dependency-differs")})

    check(runner, files)

    words = [set(call) & {"ps", "inspect", "config", "version", "--dry-run"} for call in runner.calls]
    assert all(words)
    assert runner.called("up") == runner.called("--dry-run")


@pytest.mark.parametrize(
    "label,value,drifted,not_comparable",
    [
        pytest.param("config-hash", "0" * 64, ("web",), "", id="another configuration"),
        pytest.param("config-hash", BARE_HASH, (), "", id="recreated without dependencies"),
        pytest.param("version", "2.39.1", (), "2.39.1", id="made by another Compose"),
        pytest.param("version", "", (), "unknown", id="made by an unknown Compose"),
        pytest.param("config-hash", "", (), "no hash", id="no hash"),
    ],
)
def test_drift_is_told_by_the_hash_when_it_can_be(
    label: str, value: str, drifted: tuple[str, ...], not_comparable: str, files: InventoryFiles
) -> None:
    result = check(RecordedRunner(containers=with_web(set_label(label, value))), files)

    assert result.drifted == drifted
    assert not_comparable in result.not_comparable.get("web", "")
    assert bool(result.not_comparable.get("web")) is bool(not_comparable)


def test_a_service_in_the_network_of_another_one_has_no_comparable_hash(files: InventoryFiles) -> None:
    assert check(RecordedRunner(), files).not_comparable == {"sidecar": "network_mode refers to another service"}


def test_drift_is_not_claimed_when_compose_cannot_compute_the_bare_hash(files: InventoryFiles) -> None:
    containers = with_web(set_label("config-hash", "0" * 64))
    runner = RecordedRunner({("config", "--hash", "-"): answer(b"", b"unknown tag !reset", 15)}, containers)

    result = check(runner, files)

    assert result.drifted == ()
    assert "cannot be computed" in result.not_comparable["web"]


def _other_build(container: dict[str, Any]) -> None:
    container["Image"] = "sha256:" + "0" * 64


def _more_environment(container: dict[str, Any]) -> None:
    container["Config"]["Env"] += ["EXTRA=1"]


@pytest.mark.parametrize(
    "change,differing",
    [
        (_other_build, ("image build",)),
        (_more_environment, ("environment EXTRA",)),
        (lambda container: container["Config"].update(Cmd=["sleep", "1"]), ("command",)),
        (lambda container: container["HostConfig"].update(Memory=0), ("mem_limit",)),
        (lambda container: container["Config"].update(Image="debian:12"), ("image",)),
        (
            lambda container: container["Config"].update(Env=["JWT_SECRET=another-one", "LEVEL=info"]),
            ("environment JWT_SECRET",),
        ),
    ],
)
def test_what_differs_is_named(
    change: Callable[[dict[str, Any]], None], differing: tuple[str, ...], files: InventoryFiles
) -> None:
    assert check(RecordedRunner(containers=with_web(change)), files).differing == {"web": differing}


def test_what_the_environment_owes_to_the_image_does_not_differ(files: InventoryFiles) -> None:
    image = json.loads(recorded("image.json"))
    image["Config"]["Env"] = ["EXTRA=1"]
    runner = RecordedRunner(
        {("image", "inspect"): answer(json.dumps(image).encode())}, containers=with_web(_more_environment)
    )

    assert check(runner, files).differing == {}


def test_a_project_without_containers_is_an_error_that_names_it() -> None:
    with pytest.raises(PlatformNotFoundError, match="shop"):
        check(RecordedRunner(containers=[]), InventoryFiles())


def test_a_project_without_containers_can_be_made_from_the_inventorys_files(files: InventoryFiles) -> None:
    result = check(RecordedRunner({DRY_RUN: stderr("dry-run-new-service")}, []), files, "batch")

    assert result.refused is None
    assert [(change.service, change.status) for change in result.would_change] == [("batch", "created")]


def test_no_service_never_means_all_of_them(files: InventoryFiles) -> None:
    runner = RecordedRunner()

    with pytest.raises(InvalidInputError, match="services"):
        recreate_case(DockerCli(runner), "shop", Wish(()), files, deadline=5.0)

    assert runner.calls == []


def test_containers_that_tell_no_file_are_refused(files: InventoryFiles) -> None:
    containers = [{**container, "Config": {**container["Config"], "Labels": {}}} for container in recorded_containers()]
    for container in containers:
        container["Config"]["Labels"]["com.docker.compose.service"] = "web"

    result = check(RecordedRunner(containers=containers), InventoryFiles())

    assert result.refused is not None
    assert result.refused.rule == "compose_files_unknown"


def test_an_engine_that_does_not_answer_is_an_error(files: InventoryFiles) -> None:
    runner = RecordedRunner({("ps",): answer(b"", b"Cannot connect to the Docker daemon at unix:///x", 1)})

    with pytest.raises(EngineUnavailableError):
        check(runner, files)
