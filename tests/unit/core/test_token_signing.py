# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_signing import (
    expired,
    fresh,
    read_token,
    sign,
    tampered,
    unsigned,
)

NOW = 1_772_200_000.0
# The example of jwt.io, which any other implementation makes as well: claims in this order, this secret.
KNOWN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
)


def test_the_signature_is_the_one_that_everybody_computes() -> None:
    claims = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}
    assert sign(claims, b"your-256-bit-secret") == KNOWN


def test_a_token_is_read_without_its_secret() -> None:
    token = read_token(sign(fresh(NOW, 90), b"key"))
    assert token is not None
    assert (token.algorithm, token.lifetime, token.moment("nbf")) == ("HS256", 90.0, None)


def test_a_token_does_not_show_itself() -> None:
    token = read_token(KNOWN)
    assert token is not None
    assert "eyJ" not in repr(token)
    assert "John" not in repr(token)


@pytest.mark.parametrize(
    "text",
    [None, 7, "", "a.b", "a.b.c", "e30.e30", "e30.W10.x", "e30.!!.x", "bnVsbA.e30.x", "." * 20000, "e30.e30.x.y"],
)
def test_what_is_no_token_is_none(text: object) -> None:
    assert read_token(text) is None


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(text: str) -> None:
    token = read_token(f"{text}.{text}.{text}")
    assert token is None or isinstance(token.claims, dict)


def test_a_tampered_token_keeps_the_signature_and_has_other_claims() -> None:
    token = read_token(KNOWN)
    assert token is not None
    forged = tampered(token, NOW)
    assert forged.split(".")[2] == KNOWN.split(".")[2]
    assert forged.split(".")[1] != KNOWN.split(".")[1]


def test_an_expired_token_is_long_expired_and_has_no_later_beginning() -> None:
    claims = expired({"sub": "7", "nbf": NOW, "exp": NOW + 60}, NOW)
    assert claims["exp"] < NOW - 7 * 86400
    assert "nbf" not in claims


def test_an_unsigned_token_says_none_and_ends_in_a_dot() -> None:
    text = unsigned({"sub": "7"}, NOW)
    header = json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))
    assert header["alg"] == "none"
    assert text.endswith(".")
