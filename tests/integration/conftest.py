# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab stays up for the whole session; each test begins with all ten services healthy and an empty record."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lab_record import LabRecord
from planted_secret import hits, shapes_of, tokens_in
from playbook_run import Play, PlaybookRun, lab_name, run_playbook
from quick import QUICK

from labtool.lab import Lab

if TYPE_CHECKING:
    from notified_people import Desk, World


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The lab, up and ours alone. It is left up: the next session finds it there."""
    project, offset = lab_name()
    lab = Lab(project, offset)
    lab.state_dir.mkdir(parents=True, exist_ok=True)
    with (lab.state_dir / "tests.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pytest.exit(f"other tests are running on the lab {project}: wait for them, or take LAB=other:1000", 3)
        lab.up()
        yield lab
        assert_no_secret_was_left(lab, tmp_path_factory.getbasetemp())


def assert_no_secret_was_left(lab: Lab, folder: Path) -> None:
    """Search the output, artifacts, events and records of all runs of this session for the secrets of the lab."""
    # Those of a lab are long and random; what it says openly (guest, the name of an image) is not looked for.
    secrets = {name: value for name, value in lab.variables().items() if name.endswith(("_SECRET", "_PASSWORD"))}
    assert len(secrets) >= 4, sorted(secrets)
    assert hits(folder, {name: shapes_of(value) for name, value in secrets.items()}) == []
    assert tokens_in(folder) == []


@pytest.fixture
def lab(running_lab: Lab) -> Iterator[Lab]:
    """The lab with no fault, before and after the test."""
    running_lab.reset()
    yield running_lab
    running_lab.reset()


@pytest.fixture
def postgres_password_file(running_lab: Lab, tmp_path: Path) -> Iterator[Path]:
    """A file with the password of PostgreSQL's superuser, as an inventory names it; taken away after the test."""
    path = tmp_path / "password"
    path.write_text(running_lab.variables()["POSTGRES_PASSWORD"] + "\n", encoding="utf-8")
    yield path
    path.unlink()


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """An empty state directory; the record of one test is not that of the next."""
    return tmp_path / "state"


@pytest.fixture
def record(state_dir: Path) -> LabRecord:
    """The incidents that the runs of this test wrote."""
    return LabRecord(state_dir)


@pytest.fixture
def environment(running_lab: Lab, state_dir: Path) -> dict[str, str]:
    """What the inventory reads from the environment."""
    return {"COMPOSE_PROJECT_NAME": running_lab.project, "INCIDENT_RESPONSE_STATE_DIR": str(state_dir)}


@pytest.fixture
def quick_play(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Run a playbook on the lab as it is, for a test that ends before anything is looked at."""

    def run(playbook: str, *options: str, **variables: Any) -> PlaybookRun:
        return run_playbook(
            playbook,
            tmp_path_factory.mktemp("runner"),
            variables={**QUICK, **variables},
            options=options,
            environment=environment,
        )

    return run


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A host with an empty record, its people and all channels; nobody complained at the end."""
    # Not at the top: conftest.py is loaded before pytest-ansible tells Ansible where the collection is.
    from notified_people import Desk, loopback_world

    (tmp_path / "certificates").mkdir()
    with loopback_world(tmp_path / "certificates") as world:
        yield Desk(tmp_path / "state", tmp_path, world)
        assert world.complaints == []


@pytest.fixture
def told(environment: dict[str, str], desk: Desk) -> World:
    """Everybody who is told by the runs of ``play``, when these are given channels."""
    environment.update(desk.world.environment)
    return desk.world


@pytest.fixture
def play(lab: Lab, quick_play: Play) -> Play:
    """Run a playbook on the lab, which is healthy at first."""
    return quick_play
