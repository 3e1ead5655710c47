# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back to the last known good image: found on the host as it is now, and written for Compose."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from scripted_runner import Reply, ScriptedRunner, answered

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rollback import (
    Rollback,
    plan_rollbacks,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.rollback_file import (
    override_path,
    write_overrides,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
    InvalidInputError,
    PlatformNotFoundError,
    StateUnavailableError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import KnownGood

GOOD, BAD, OTHER = "sha256:good", "sha256:bad", "sha256:other"
KNOWN = KnownGood("shop/web:1", GOOD, "hash", "2.26.1")
SAMPLES = {"web": {"last_known_good": KNOWN.to_data()}}
ROLLBACK = Rollback("web", "shop/web:2", KNOWN, "shop/web:1")


def container(image_id: str = BAD, name: str = "shop/web:2", service: str = "web") -> dict[str, Any]:
    return {"Id": f"{service}-{image_id}", "Image": image_id, "Config": {"Image": name}, "Service": service}


def docker(*containers: dict[str, Any], images: dict[str, str] | None = None) -> DockerCli:
    """:param images: reference -> id, of those on the host."""
    on_host = {GOOD: GOOD, "shop/web:1": GOOD} if images is None else images
    rows = "".join(f"{one['Id']}\tshop\t{one['Service']}\t\n" for one in containers)

    def image(argv: Any) -> Reply:
        found = on_host.get(argv[-1])
        return found if found else answered(stderr=f"Error: No such image: {argv[-1]}", exit_code=1)

    return DockerCli(ScriptedRunner(("ps", rows), ("image inspect", image), ("inspect", json.dumps(containers))))


def plan(engine: DockerCli, samples: dict[str, Any] | None = None) -> Rollback:
    (found,) = plan_rollbacks(engine, "shop", ["web"], SAMPLES if samples is None else samples)
    return found


@pytest.mark.parametrize(
    "images, reference",
    [
        ({GOOD: GOOD, "shop/web:1": GOOD}, "shop/web:1"),
        ({GOOD: GOOD, "shop/web:1": OTHER}, GOOD),  # the name was built anew since
        ({GOOD: GOOD}, GOOD),  # the name is gone
    ],
)
def test_the_name_is_used_only_while_it_means_the_good_image(images: dict[str, str], reference: str) -> None:
    found = plan(docker(container(), images=images))
    assert (found.reference, found.running, found.needed) == (reference, "shop/web:2", True)


def test_who_runs_the_good_image_already_needs_no_rollback() -> None:
    assert not plan(docker(container(GOOD, "shop/web:1"))).needed


def test_one_replica_that_runs_another_image_is_enough() -> None:
    assert plan(docker(container(GOOD, "shop/web:1"), container(BAD))).needed


@pytest.mark.parametrize(
    "engine, samples, error, words",
    [
        (docker(), SAMPLES, PlatformNotFoundError, "'web' of the Compose project 'shop' has no container"),
        (docker(container(service="api")), SAMPLES, PlatformNotFoundError, "has no container"),
        (docker(container()), {}, CommandFailedError, "No image of web is known to be good"),
        (docker(container()), {"web": {"last_known_good": "x"}}, CommandFailedError, "known to be good"),
        (docker(container(), images={}), SAMPLES, CommandFailedError, "is not on this host"),
        (docker(container(), images={"shop/web:1": OTHER}), SAMPLES, CommandFailedError, "is not on this host"),
    ],
)
def test_without_a_way_back_it_is_refused_with_a_remedy(
    engine: DockerCli, samples: dict[str, Any], error: type[IncidentResponseError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        plan(engine, samples)
    assert caught.value.remedy


def test_no_service_means_none_and_not_all() -> None:
    with pytest.raises(InvalidInputError):
        plan_rollbacks(docker(container()), "shop", [], SAMPLES)


def test_the_override_names_the_image_and_what_it_replaces_and_nothing_else() -> None:
    assert json.loads(ROLLBACK.override()) == {
        "services": {
            "web": {
                "image": "shop/web:1",
                "labels": {"agentfoundry.incident_response.rolled_back_from": "shop/web:2"},
            }
        }
    }


def write(folder: Path, *rollbacks: Rollback, check_mode: bool = False) -> dict[str, Any]:
    return write_overrides(rollbacks or (ROLLBACK,), folder, "shop", check_mode=check_mode)


def test_check_mode_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    planned = write(tmp_path, check_mode=True)
    assert list(tmp_path.iterdir()) == []
    assert write(tmp_path) == planned


def test_a_file_is_written_once_for_this_user_alone(tmp_path: Path) -> None:
    first, second = write(tmp_path), write(tmp_path)
    path = override_path(tmp_path, "shop", "web")
    assert first["files"] == second["files"] == [str(path)]
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["actions"] == [{"what": "file", "id": str(path), "status": "written", "service": "web"}]
    assert (second["actions"], second["diff"]) == ([], [])
    assert path.read_text() == ROLLBACK.override() == first["diff"][0]["after"]
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert [one.name for one in path.parent.iterdir()] == ["web.yaml"]


def test_what_is_not_needed_is_not_written(tmp_path: Path) -> None:
    result = write(tmp_path, Rollback("web", "shop/web:1", KNOWN, "shop/web:1", needed=False))
    assert (result["changed"], result["files"], list(tmp_path.iterdir())) == (False, [], [])
    assert result["rollbacks"][0]["needed"] is False


def test_what_a_killed_run_left_behind_is_not_written_through(tmp_path: Path) -> None:
    path = override_path(tmp_path, "shop", "web")
    path.parent.mkdir(parents=True)
    precious = tmp_path / "precious"
    precious.write_text("mine")
    path.with_suffix(".new").symlink_to(precious)
    write(tmp_path)
    assert precious.read_text() == "mine"
    assert not path.is_symlink()


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "rollback").write_text("in the way")
    with pytest.raises(StateUnavailableError, match=r"rollback/shop/web\.yaml cannot be used"):
        write(tmp_path)
