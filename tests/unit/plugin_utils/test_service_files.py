# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of a unit file mean themselves, and an environment file is read back by a shell as it was meant."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.service_files import (
    environment_file,
    systemd_words,
)


@pytest.mark.parametrize(
    "words, expands, written",
    [
        ("/usr/bin/ansible-playbook", True, "/usr/bin/ansible-playbook"),
        (["--limit", "shop"], True, "--limit shop"),
        (["--limit", "a b"], True, '--limit "a b"'),
        (["100%"], True, '"100%%"'),
        (["/srv/%n/x"], False, '"/srv/%%n/x"'),
        (["$HOME"], True, '"$$HOME"'),
        (["NAME=$HOME"], False, '"NAME=$HOME"'),
        (['say "hi"'], True, r'"say \"hi\""'),
        ([r"back\slash"], True, r'"back\\slash"'),
        (["it's"], True, '"it\'s"'),
        (["; rm"], True, '"; rm"'),
        ([""], True, '""'),
        ([15], True, "15"),
        ([], True, ""),
    ],
)
def test_a_word_is_one_word_to_systemd(words: str | list[str], expands: bool, written: str) -> None:
    assert systemd_words(words, expands=expands) == written


@pytest.mark.parametrize("word", ["two\nlines", "carriage\rreturn", "nul\0", "escape\x1b", "delete\x7f"])
def test_a_control_character_is_refused_since_it_could_begin_another_setting(word: str) -> None:
    with pytest.raises(IncidentResponseError, match="control character"):
        systemd_words([word])


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=40))
def test_a_shell_reads_the_value_that_was_meant(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "environment"
    path.write_bytes(environment_file({"SECRET": value, "AFTER": "x"}).encode())

    read = subprocess.run(
        ["sh", "-c", 'set -a; . "$1"; env -0', "sh", str(path)],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")

    assert f"SECRET={value}".encode() in read
    assert b"AFTER=x" in read


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A\nB", "É"])
def test_what_is_no_name_of_a_variable_is_refused_and_the_value_stays_unsaid(name: str) -> None:
    with pytest.raises(IncidentResponseError, match="no name of an environment variable") as refused:
        environment_file({name: "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_value_that_no_environment_can_hold_is_refused_and_stays_unsaid() -> None:
    with pytest.raises(IncidentResponseError, match="The value of TOKEN holds a NUL") as refused:
        environment_file({"TOKEN": "hunter2\0"})
    assert "hunter2" not in str(refused.value)


def test_nothing_is_an_empty_file(tmp_path: Path) -> None:
    assert environment_file({}) == ""
