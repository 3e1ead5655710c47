# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are taken for the desired configuration."""

from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import (
    DIRECTORY_LABEL,
    ENV_FILES_LABEL,
    FILES_LABEL,
    FileSet,
    absolute,
    from_labels,
    with_inventory,
)


def labels(files: str, directory: str = "/srv/shop", env_files: str = "") -> dict[str, str]:
    return {FILES_LABEL: files, DIRECTORY_LABEL: directory, ENV_FILES_LABEL: env_files}


MAIN = labels("/srv/shop/compose.yaml", env_files="/srv/shop/shop.env")
DEBUG = labels("/srv/shop/compose.yaml,/srv/shop/debug.yaml", env_files="/srv/shop/shop.env")


@pytest.mark.parametrize(
    "found,files",
    [
        pytest.param([MAIN, MAIN, DEBUG], ("/srv/shop/compose.yaml",), id="most containers decide"),
        pytest.param(
            [MAIN, DEBUG, DEBUG], ("/srv/shop/compose.yaml", "/srv/shop/debug.yaml"), id="also for an override"
        ),
        pytest.param([DEBUG, MAIN], ("/srv/shop/compose.yaml",), id="of two the smaller set"),
        pytest.param([MAIN, {}, {}, {}], ("/srv/shop/compose.yaml",), id="containers that tell nothing do not count"),
        pytest.param([], (), id="no container"),
        pytest.param([{}], (), id="no label"),
    ],
)
def test_the_set_that_most_containers_bear_is_the_desired_one(
    found: list[dict[str, str]], files: tuple[str, ...]
) -> None:
    result = from_labels("shop", found)

    assert result.files == files
    assert result.source == ("labels" if files else "none")


def test_directory_and_env_files_come_with_the_set() -> None:
    result = from_labels("shop", [labels("/srv/shop/a.yaml", "", "/srv/one.env,/srv/two.env")])

    assert result.directory == "/srv/shop"
    assert result.env_files == ("/srv/one.env", "/srv/two.env")


def test_the_inventorys_files_replace_all_that_the_labels_say() -> None:
    result = with_inventory(
        from_labels("shop", [DEBUG]), directory="", files=["/etc/shop/compose.yaml"], env_files=[], profiles=["extra"]
    )

    assert result == FileSet("shop", "/etc/shop", ("/etc/shop/compose.yaml",), (), ("extra",), "inventory")


def test_without_files_in_the_inventory_its_other_words_refine_the_labels() -> None:
    result = with_inventory(
        from_labels("shop", [MAIN]), directory="", files=[], env_files=["/etc/shop.env"], profiles=["extra"]
    )

    assert result == FileSet("shop", "/srv/shop", ("/srv/shop/compose.yaml",), ("/etc/shop.env",), ("extra",), "labels")


def test_relative_paths_are_relative_to_the_project_directory() -> None:
    result = absolute(FileSet("shop", "/srv/shop", ("compose.yaml", "/etc/more.yaml"), ("shop.env",)))

    assert result.files == ("/srv/shop/compose.yaml", "/etc/more.yaml")
    assert result.env_files == ("/srv/shop/shop.env",)
