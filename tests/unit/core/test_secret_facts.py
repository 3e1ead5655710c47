# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import Fingerprinter

PRINTS = Fingerprinter(b"k" * 32, "shop")
LONG = "0123456789abcdef0123456789abcdef"


@given(st.from_regex(r"[G-Z]{8,80}", fullmatch=True))
def test_a_reading_does_not_hold_the_value(value: str) -> None:
    reading = PRINTS.read(value, "environment", "JWT_SECRET")
    assert value not in str(reading.to_data())
    assert len(reading.fingerprint) == 16


def test_equal_values_have_equal_fingerprints_under_one_key_and_platform_only() -> None:
    same = PRINTS.of(LONG)
    assert same == Fingerprinter(b"k" * 32, "shop").of(LONG)
    assert same != Fingerprinter(b"l" * 32, "shop").of(LONG)
    assert same != Fingerprinter(b"k" * 32, "other").of(LONG)
    assert same != PRINTS.of(LONG + "\n")


def test_the_key_is_not_shown() -> None:
    assert "kkk" not in repr(PRINTS)


def test_an_empty_value_has_no_fingerprint_and_is_not_called_short() -> None:
    reading = PRINTS.read("", "environment", "JWT_SECRET")
    assert (reading.fingerprint, reading.is_weak) == ("", False)


@pytest.mark.parametrize(
    "value, stray",
    [
        (LONG, ""),
        (LONG + "\n", "newline"),
        (LONG + "\r\n", "newline"),
        (" " + LONG, "blank"),
        (f"'{LONG}'", "quotes"),
        (f'"{LONG}"', "quotes"),
        (f'"{LONG}', ""),
        ("'", ""),
    ],
)
def test_what_stands_around_a_value_is_told(value: str, stray: str) -> None:
    reading = PRINTS.read(value, "environment", "JWT_SECRET")
    assert reading.stray == stray
    if stray:
        assert reading.bare == PRINTS.of(LONG)


@pytest.mark.parametrize(
    "value, short, development",
    [
        (LONG, False, False),
        (LONG[:-1], True, False),
        ("changeme", True, True),
        ("Change-Me-in-production-please-0123456789", False, True),
        ("your-256-bit-secret", True, True),
        ("ü" * 16, False, False),
    ],
)
def test_weak_values_are_told(value: str, short: bool, development: bool) -> None:
    reading = PRINTS.read(value, "environment", "JWT_SECRET")
    assert (reading.too_short, reading.development) == (short, development)
