# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup host_unreachable: of the controller's record only what says that this host could not be reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.agentfoundry.incident_response.plugins.lookup.host_unreachable import LookupModule
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import State
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.directory import DATABASE
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.lifecycle import (
    Change,
    Opening,
    alter,
    open_or_join,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer

DEFAULTS = {"host": "gone", "id": "", "open_only": False, "review_due": False}


def asked(folder: Path, **options: Any) -> list[str]:
    """The ids that the lookup finds, with the options as Ansible has read them."""
    lookup = LookupModule()
    lookup.set_options = lambda **_unused: None
    lookup.get_option = lambda name: {**DEFAULTS, **options}[name]
    return [str(incident["id"]) for incident in lookup.run([str(folder)])]


def platform(folder: Path, name: str) -> Platform:
    return Platform(name, Writer(str(folder)), SystemClock(), LocalProcesses())


def opened(folder: Path, name: str, scenario: str = "host_unreachable") -> str:
    opening = Opening(scenario, (), "P1", "complete outage", f"{name} cannot be reached")
    return str(open_or_join(platform(folder, name), opening, Change(), "a run")["incident"]["id"])


def test_other_hosts_and_other_scenarios_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    mine = opened(folder, "gone")
    opened(folder, "other")
    opened(folder, "gone", "engine")

    assert asked(folder) == asked(folder, id=mine) == asked(folder, open_only=True) == [mine]
    assert asked(folder, id="INC-2020-01-01-001") == asked(folder, review_due=True) == []


def test_a_resolved_one_is_not_open_and_waits_for_its_review(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    number = opened(folder, "gone")
    alter(platform(folder, "gone"), number, Change(state=State.RESOLVED), "a run")

    assert asked(folder, open_only=True) == []
    assert asked(folder) == asked(folder, review_due=True, open_only=True) == [number]


def test_no_record_holds_nothing_and_is_not_made(tmp_path: Path) -> None:
    assert asked(tmp_path / "record") == []
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_record_is_an_error_of_the_lookup(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / DATABASE).write_text("no database" * 200, encoding="utf-8")

    with pytest.raises(AnsibleLookupError, match="is damaged"):
        asked(tmp_path)
