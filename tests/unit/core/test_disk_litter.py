# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_litter import (
    StoppedContainer,
    bears,
    container_sizes,
    dangling_images,
    engine_time,
    removable_containers,
    stopped_ids,
    unused_build_cache,
    usage_rows,
)
from checkout import ROOT

NOW = engine_time("2026-11-25 09:00:00 +0000 UTC")
HOUR = 3600.0


@pytest.fixture
def answer() -> dict[str, Any]:
    """Return what ``docker system df -v`` said on 20.10."""
    data: dict[str, Any] = json.loads((ROOT / "tests/fixtures/disk/system_df.json").read_text(encoding="utf-8"))
    return data


def unused(answer: dict[str, Any], identity: str = "sha256:aa") -> None:
    """Add an image without a name that nobody uses."""
    image = {"ID": identity, "Repository": "<none>", "Tag": "<none>", "Containers": "0", "UniqueSize": "5MB",
             "SharedSize": "0B", "CreatedAt": "2026-11-24 08:00:00 +0000 UTC"}  # fmt: skip
    answer["Images"].append(image)


def test_an_image_without_a_name_that_containers_use_stays(answer: dict[str, Any]) -> None:
    assert "<none>" in {image["Repository"] for image in answer["Images"]}
    assert dangling_images(answer, None, NOW, 0).ids == ()


def test_an_image_without_name_and_container_goes_when_it_is_old_enough(answer: dict[str, Any]) -> None:
    unused(answer)

    found = dangling_images(answer, None, NOW, 24)

    assert (found.ids, found.size) == (("sha256:aa",), 5_000_000)
    assert dangling_images(answer, None, NOW, 26).ids == ()


def test_only_an_image_with_the_wanted_label_goes(answer: dict[str, Any]) -> None:
    unused(answer)
    unused(answer, "sha256:bb")

    assert dangling_images(answer, {"sha256:bb"}, NOW, 0).ids == ("sha256:bb",)
    assert dangling_images(answer, set(), NOW, 0).ids == ()


def test_an_image_whose_use_cannot_be_told_stays(answer: dict[str, Any]) -> None:
    unused(answer)
    answer["Images"][-1]["Containers"] = "N/A"

    assert dangling_images(answer, None, NOW, 0).ids == ()


def test_build_cache_goes_by_when_it_was_last_used(answer: dict[str, Any]) -> None:
    every = unused_build_cache(answer, NOW, 24)

    assert len(every.ids) == len(answer["BuildCache"])
    assert unused_build_cache(answer, NOW, 48).ids == ()
    answer["BuildCache"][0]["InUse"] = "true"
    assert unused_build_cache(answer, NOW, 24).ids == every.ids[1:]


def test_the_table_of_docker_system_df(answer: dict[str, Any]) -> None:
    rows = {row["what"]: row for row in usage_rows(answer)}

    assert rows["images"]["count"] == len(answer["Images"])
    assert (rows["containers"]["unused"], rows["volumes"]["unused"]) == (0, 0)
    assert rows["build cache"]["unused"] == len(answer["BuildCache"])


def test_containers_that_do_not_run(answer: dict[str, Any]) -> None:
    assert stopped_ids(answer) == []
    answer["Containers"][0].update(State="exited", Size="12.5kB (virtual 219MB)")
    first = answer["Containers"][0]["ID"]
    assert stopped_ids(answer) == [first]
    assert container_sizes(answer)[first] == 12_500


@pytest.mark.parametrize("answer", [{}, {"Images": None}, {"Images": ["x"]}])
def test_an_answer_of_another_shape_lets_nothing_go(answer: dict[str, Any]) -> None:
    assert dangling_images(answer, None, NOW, 0).ids == unused_build_cache(answer, NOW, 0).ids == ()
    assert stopped_ids(answer) == []


def stopped(name: str, labels: dict[str, str] | None = None, hours: float = 100) -> StoppedContainer:
    """Return a container that stopped so long ago."""
    return StoppedContainer(name, name, labels or {}, NOW - hours * HOUR, 10)


FROM_IMAGE = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
SHOP = {**FROM_IMAGE, "com.docker.compose.config-hash": "c0ffee"}
ONE_OFF = {**SHOP, "com.docker.compose.oneoff": "True"}


@pytest.mark.parametrize(
    "container, options, goes",
    [
        (stopped("loose"), {}, True),
        (stopped("young", hours=71), {}, False),
        (stopped("of a platform", SHOP), {}, False),
        (stopped("of a platform", SHOP), {"with_platforms": True}, True),
        (stopped("one-off", ONE_OFF), {}, True),
        (stopped("run by hand from a platform's image", FROM_IMAGE), {}, True),
        (stopped("evidence", SHOP), {"with_platforms": True, "kept_services": {("shop", "web")}}, False),
        (stopped("evidence", SHOP), {"with_platforms": True, "kept_services": {("shop", "")}}, False),
        (stopped("evidence", ONE_OFF), {"kept_services": {("shop", "web")}}, False),
        (stopped("another's evidence", SHOP), {"with_platforms": True, "kept_services": {("mill", "web")}}, True),
        (stopped("labelled", {"ours": "1"}), {"labels": ["ours=1"]}, True),
        (stopped("labelled otherwise", {"ours": "2"}), {"labels": ["ours=1"]}, False),
        (stopped("not labelled"), {"labels": ["ours"]}, False),
    ],
)  # fmt: skip
def test_which_stopped_containers_may_go(container: StoppedContainer, options: dict[str, Any], goes: bool) -> None:
    labels = options.pop("labels", [])
    assert bool(removable_containers([container], labels, NOW, 72, **options).ids) is goes


def test_labels_are_all_wanted() -> None:
    assert bears({"a": "1", "b": ""}, ["a=1", "b"])
    assert not bears({"a": "1"}, ["a=1", "b"])


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-40 99:00:00 +0000 UTC", "N/A"])
def test_a_time_that_cannot_be_read_is_never_old(text: str) -> None:
    assert engine_time(text) == float("inf")
