# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service ran when it was last seen healthy."""

from __future__ import annotations

from typing import Any

import pytest
from service_facts import container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import (
    KnownGood,
    config_differs,
    image_differs,
    known_good_of,
    read_known_good,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    ComposeLabels,
    Container,
)

GOOD = KnownGood("shop/web:1", "sha256:aaa", "hash", "2.26.1")


def runs(
    image: str = "shop/web:1", image_id: str = "sha256:aaa", config: str = "hash", version: str = "2.26.1"
) -> Container:
    return container(image=image, image_id=image_id, compose=ComposeLabels(config_hash=config, version=version))


def test_it_survives_the_record() -> None:
    assert read_known_good({"last_known_good": GOOD.to_data()}) == GOOD


@pytest.mark.parametrize(
    "recorded",
    [
        None,
        "sha256:aaa",
        {},
        {"image": "shop/web:1"},
        {"image": "", "image_id": "sha256:aaa"},
        {**GOOD.to_data(), "image": 7},
    ],
)
def test_what_has_another_shape_is_as_good_as_not_recorded(recorded: Any) -> None:
    assert read_known_good({"last_known_good": recorded}) is None


def test_replicas_have_one_good_image_only_when_they_all_run_it() -> None:
    assert known_good_of([runs(), runs()]) == GOOD
    assert known_good_of([runs(), runs(image_id="sha256:bbb")]) is None
    assert known_good_of([]) is None
    assert known_good_of([runs(image_id="")]) is None


@pytest.mark.parametrize(
    "now, differs",
    [
        ([runs()], False),
        ([runs(image="shop/web:2", image_id="sha256:bbb")], True),
        ([runs(image_id="sha256:bbb")], True),  # built anew under the same name
        ([runs(image="shop/web:latest")], False),  # another name of the same image
        ([runs(), runs(image_id="sha256:bbb")], True),
    ],
)
def test_an_image_is_told_by_its_id(now: list[Container], differs: bool) -> None:
    assert image_differs(now, GOOD) is differs


@pytest.mark.parametrize(
    "now, differs",
    [
        ([runs()], False),
        ([runs(config="other")], True),
        ([runs(config="other", version="2.27.0")], None),
        ([runs(config="")], None),
        ([runs(), runs(version="2.27.0")], None),
    ],
)
def test_configurations_compare_only_under_the_same_version_of_compose(
    now: list[Container], differs: bool | None
) -> None:
    assert config_differs(now, GOOD) is differs
