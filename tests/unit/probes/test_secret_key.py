# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import StateUnavailableError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_key import (
    LENGTH,
    NAME,
    ensure_key,
    read_key,
)


def test_there_is_none_until_it_is_made_and_then_it_stays(tmp_path: Path) -> None:
    assert read_key(str(tmp_path)) is None
    assert not (tmp_path / NAME).exists()

    key = ensure_key(str(tmp_path))

    assert (len(key), ensure_key(str(tmp_path)), read_key(str(tmp_path))) == (LENGTH, key, key)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_the_members_of_a_prepared_directorys_group_may_read_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    ensure_key(str(tmp_path))
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o640


def test_many_at_once_agree_on_one_key(tmp_path: Path) -> None:
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            (tmp_path / f"seen by {number}").write_bytes(ensure_key(str(tmp_path)))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8
    assert {path.read_bytes() for path in tmp_path.glob("seen by *")} == {read_key(str(tmp_path))}


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o660, 0o604])
def test_one_that_others_may_read_or_change_is_not_used(tmp_path: Path, mode: int) -> None:
    ensure_key(str(tmp_path))
    (tmp_path / NAME).chmod(mode)
    assert read_key(str(tmp_path)) is None
    with pytest.raises(StateUnavailableError, match="cannot be used"):
        ensure_key(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"short", b"x" * (LENGTH + 1)])
def test_one_of_another_length_is_not_used(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    (tmp_path / NAME).chmod(0o600)
    assert read_key(str(tmp_path)) is None
    with pytest.raises(StateUnavailableError):
        ensure_key(str(tmp_path))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"x" * LENGTH)
    (tmp_path / "elsewhere").chmod(0o600)
    (tmp_path / NAME).symlink_to("elsewhere")
    assert read_key(str(tmp_path)) is None


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StateUnavailableError, match="cannot be made"):
        ensure_key(str(tmp_path / "none"))
