# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_env_file import (
    find_value,
    is_plain,
    replace_value,
)

FILE = "# JWT_SECRET=no\nA=1\nexport JWT_SECRET = 'old value' # why\nJWT_SECRET_2=other\r\nB=2\n"


@pytest.mark.parametrize(
    "text, value",
    [
        ("JWT_SECRET=abc\n", "abc"),
        ("JWT_SECRET=abc", "abc"),
        ("JWT_SECRET=abc # comment", "abc"),
        ("JWT_SECRET=abc#not a comment", "abc#not a comment"),
        ("JWT_SECRET='a # b'", "a # b"),
        ('JWT_SECRET="a\\nb"', "a\nb"),
        ("JWT_SECRET='a\\nb'", "a\\nb"),
        ("  export JWT_SECRET=abc\r\n", "abc"),
        ("JWT_SECRET=\n", ""),
        ("JWT_SECRET=one\nJWT_SECRET=two\n", "two"),
        ("XJWT_SECRET=abc\nJWT_SECRETS=abc\n#JWT_SECRET=abc\n", None),
        ("", None),
    ],
)
def test_a_value_is_found_as_compose_finds_it(text: str, value: str | None) -> None:
    assert find_value(text, "JWT_SECRET") == value


def test_only_the_value_is_replaced() -> None:
    wanted = "# JWT_SECRET=no\nA=1\nexport JWT_SECRET =new\nJWT_SECRET_2=other\r\nB=2\n"
    assert replace_value(FILE, "JWT_SECRET", "new") == wanted


@given(st.text(), st.from_regex(r"[A-Za-z0-9_-]{1,80}", fullmatch=True))
def test_the_new_value_is_found_again_and_nothing_else_changes(around: str, value: str) -> None:
    text = f"{around}\nJWT_SECRET=old\n"
    replaced = replace_value(text, "JWT_SECRET", value)
    assert find_value(replaced, "JWT_SECRET") == value
    assert replaced.endswith(f"\nJWT_SECRET={value}\n")


@pytest.mark.parametrize("name, value", [("JWT_SECRET", "two words"), ("JWT_SECRET", "a$b"), ("OTHER", "abc")])
def test_what_cannot_be_replaced_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"needs quotes|no line sets"):
        replace_value("JWT_SECRET=x\n", name, value)


@pytest.mark.parametrize(
    "line, plain",
    [
        ("JWT_SECRET=abc", True),
        ("JWT_SECRET='abc'", True),
        ('JWT_SECRET="abc" # c', True),
        ("JWT_SECRET='$abc'", True),
        ("JWT_SECRET=$OTHER", False),
        ("JWT_SECRET=${OTHER}x", False),
        ('JWT_SECRET="begins here', False),
    ],
)
def test_a_value_that_a_replacement_would_cut_is_told(line: str, plain: bool) -> None:
    assert is_plain(f"{line}\nB=2\n", "JWT_SECRET") is plain
