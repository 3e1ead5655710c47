# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new secret: into one env file, for every service that has it, with nothing lost and nothing shown."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_trust import GOOD, KEY, OTHER, Compose, FakeTrust, Verifier, trust

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.secret_env_file import (
    find_env_file,
    write_value,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.secret_rotation import (
    SecretWish,
    accept_secret,
    rotate_secret,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_env_file import find_value
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene

WISH = SecretWish("users", "JWT_SECRET", "20260227T134640Z")
VERIFIERS = {"users": Verifier(3001), "orders": Verifier(3002)}


class Ledger:
    """Notes all that is kept."""

    def __init__(self, **recorded: Any) -> None:
        self.kept: list[Mapping[str, Any]] = [recorded] if recorded else []

    def recorded(self) -> Mapping[str, Any]:
        return self.kept[-1] if self.kept else {}

    def keep(self, sample: Mapping[str, Any]) -> None:
        self.kept.append(sample)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.env"
    path.write_text(f"A=1\nJWT_SECRET={GOOD}\nB=2\n", encoding="utf-8")
    path.chmod(0o640)
    return path


def platform(env_file: Path, verifiers: Mapping[str, Verifier] = VERIFIERS, **given: str) -> tuple[FakeTrust, Scene]:
    secrets = {name: given.get(name, GOOD) for name in verifiers}
    found, scene = trust(verifiers, Compose(secrets))
    return found, replace(scene, files=replace(scene.files, env_files=(str(env_file),)))


def test_the_new_value_is_in_the_file_and_the_old_file_beside_it(env_file: Path) -> None:
    before = env_file.read_bytes()
    found, scene = platform(env_file)
    ledger = Ledger()

    change = rotate_secret(scene, found.means, WISH, ledger, lambda: KEY, check_mode=False)

    text = env_file.read_text(encoding="utf-8")
    value = find_value(text, "JWT_SECRET")
    assert value is not None
    assert len(value) == 64
    assert text == f"A=1\nJWT_SECRET={value}\nB=2\n"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o640
    assert (Path(change.backup).read_bytes(), stat.S_IMODE(Path(change.backup).stat().st_mode)) == (before, 0o640)
    assert sorted(path.name for path in env_file.parent.iterdir()) == [env_file.name, Path(change.backup).name]
    assert change.services == ("orders", "users")
    assert value not in repr(change) + json.dumps(ledger.kept)
    assert GOOD not in repr(change) + json.dumps(ledger.kept)


def test_the_intent_is_recorded_before_the_file_is_touched(env_file: Path) -> None:
    found, scene = platform(env_file)
    ledger = Ledger()
    rotate_secret(scene, found.means, WISH, ledger, lambda: KEY, check_mode=False)

    intent, done = ledger.kept
    assert intent["next"] == done["source"]
    assert set(done["running"].values()) == {done["source"]}
    assert done["next"] == done["source"], "the mark stays until everybody was seen with it"


def test_two_rotations_give_two_values(env_file: Path) -> None:
    values = set()
    for stamp in ("one", "two"):
        text = find_value(env_file.read_text(encoding="utf-8"), "JWT_SECRET") or ""
        verifiers = {name: replace(one, secret=text) for name, one in VERIFIERS.items()}
        found, scene = platform(env_file, verifiers, **dict.fromkeys(verifiers, text))
        rotate_secret(scene, found.means, replace(WISH, stamp=stamp), Ledger(), lambda: KEY, check_mode=False)
        values.add(find_value(env_file.read_text(encoding="utf-8"), "JWT_SECRET"))
    assert len(values) == 2


def test_check_mode_names_the_file_and_changes_nothing(env_file: Path) -> None:
    before = env_file.read_bytes()
    found, scene = platform(env_file)
    ledger = Ledger()

    change = rotate_secret(scene, found.means, WISH, ledger, lambda: pytest.fail("no key is made"), check_mode=True)

    assert (change.changed, change.env_file) == (True, str(env_file))
    assert (env_file.read_bytes(), ledger.kept) == (before, [])
    assert [path.name for path in env_file.parent.iterdir()] == [env_file.name]


@pytest.mark.parametrize(
    "text, verifiers, said",
    [
        ("A=1\n", VERIFIERS, "No env file of the Compose project sets JWT_SECRET"),
        ("JWT_SECRET=${A}\n", VERIFIERS, "is made of other variables"),
        (f"JWT_SECRET={OTHER}\n", VERIFIERS, "orders, users would not get a new JWT_SECRET"),
        (f"JWT_SECRET={GOOD}\n", {"users": Verifier(3001, told="(absent)")}, "No service of shop has a JWT_SECRET"),
    ],
)
def test_what_a_new_value_would_not_reach_is_refused_before_anything_changes(
    env_file: Path, text: str, verifiers: Mapping[str, Verifier], said: str
) -> None:
    env_file.write_text(text, encoding="utf-8")
    found, scene = platform(env_file, verifiers)
    ledger = Ledger()
    with pytest.raises(CommandFailedError, match=said):
        rotate_secret(scene, found.means, WISH, ledger, lambda: KEY, check_mode=False)
    assert (env_file.read_text(encoding="utf-8"), ledger.kept) == (text, [])


def test_a_file_that_changed_meanwhile_is_left_alone(env_file: Path) -> None:
    found = find_env_file([str(env_file)], "JWT_SECRET")
    env_file.write_text("JWT_SECRET=somebody-elses\n", encoding="utf-8")
    with pytest.raises(CommandFailedError, match="has changed since it was read"):
        write_value(found, "JWT_SECRET", "new", "now")
    assert [path.name for path in env_file.parent.iterdir()] == [env_file.name]


def test_a_full_disk_leaves_the_old_file_whole(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = env_file.read_bytes()
    found = find_env_file([str(env_file)], "JWT_SECRET")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CommandFailedError, match="No space left on device"):
        write_value(found, "JWT_SECRET", "new", "now")
    assert env_file.read_bytes() == before
    assert [path.name for path in env_file.parent.iterdir()] == [env_file.name]


def test_a_link_stays_a_link_and_the_file_behind_it_changes(env_file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.env"
    link.symlink_to(env_file)
    write_value(find_env_file([str(link)], "JWT_SECRET"), "JWT_SECRET", "new", "now")
    assert link.is_symlink()
    assert find_value(env_file.read_text(encoding="utf-8"), "JWT_SECRET") == "new"


def test_of_several_files_the_last_one_that_sets_it_decides(env_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.env"
    other.write_text("JWT_SECRET=later\n", encoding="utf-8")
    files = [str(env_file), str(other), str(tmp_path / "none.env")]
    assert (find_env_file(files, "JWT_SECRET").path, find_env_file(files, "JWT_SECRET").value) == (str(other), "later")


def test_what_runs_is_accepted_once_and_then_known(env_file: Path) -> None:
    found, scene = platform(env_file)
    ledger = Ledger(source="another", running={"users": "another"})

    first = accept_secret(scene, found.means, WISH, ledger, lambda: KEY, check_mode=False)
    second = accept_secret(scene, found.means, WISH, ledger, lambda: KEY, check_mode=False)

    assert (first.changed, second.changed, len(ledger.kept)) == (True, False, 2)
    assert os.path.exists(env_file)


def test_accepting_under_check_mode_records_nothing(env_file: Path) -> None:
    found, scene = platform(env_file)
    ledger = Ledger()
    assert accept_secret(scene, found.means, WISH, ledger, lambda: KEY, check_mode=True).changed
    assert ledger.kept == []


def test_services_that_do_not_agree_cannot_be_accepted(env_file: Path) -> None:
    found, scene = platform(env_file, {**VERIFIERS, "orders": Verifier(3002, OTHER)})
    with pytest.raises(CommandFailedError, match="do not agree on one JWT_SECRET"):
        accept_secret(scene, found.means, WISH, Ledger(), lambda: KEY, check_mode=False)
