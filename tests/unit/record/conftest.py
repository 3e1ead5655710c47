# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the record's tests.

A conftest is loaded before Ansible's import hook is set up, so what imports the collection is imported late.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from guard_runs import Host
    from record_fakes import FakeClock, FakeProcesses


@pytest.fixture
def clock() -> FakeClock:
    from record_fakes import FakeClock

    return FakeClock()


@pytest.fixture
def processes() -> FakeProcesses:
    from record_fakes import FakeProcesses

    return FakeProcesses()


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """Not made yet: the record makes it."""
    return tmp_path / "state"


@pytest.fixture
def host(state_dir: Path, clock: FakeClock, processes: FakeProcesses) -> Host:
    from guard_runs import Host

    return Host(state_dir, clock, processes)
