# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests that tell people.

A conftest is loaded before Ansible's import hook is set up, so what imports the collection is imported late.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notified_people import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A host with an empty record, its people and all channels; nobody complained at the end."""
    from notified_people import Desk, loopback_world

    (tmp_path / "certificates").mkdir()
    with loopback_world(tmp_path / "certificates") as world:
        yield Desk(tmp_path / "state", tmp_path, world)
        assert world.complaints == []
