# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import (
    at_path,
    classify_refusal,
    shortest_lifetime,
)


@pytest.mark.parametrize(
    "text, name",
    [
        ("InvalidSignatureError: Signature verification failed", "signature"),
        ("invalid signature", "signature"),
        ("ExpiredSignatureError: Signature has expired", "expired"),
        ("jwt expired", "expired"),
        ('Bearer error="invalid_token", error_description="The access token expired"', "expired"),
        ("ImmatureSignatureError: The token is not yet valid (iat)", "not_yet_valid"),
        ("jwt not active", "not_yet_valid"),
        ("Token used before issued: the token is not yet valid", "not_yet_valid"),
        ("InvalidAlgorithmError: The specified alg value is not allowed", "algorithm"),
        ("InvalidAudienceError: Audience doesn't match", "audience"),
        ("DecodeError: Not enough segments", "malformed"),
        ("jwt malformed", "malformed"),
        ("no bearer token", "no_token"),
        ("Authorization header is missing", "no_token"),
        ("Unauthorized", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_refusal_is_classified_by_its_words(text: str, name: str) -> None:
    assert classify_refusal(text) == name


@pytest.mark.parametrize(
    "body, path, value",
    [
        (b'{"token": "t"}', "token", "t"),
        (b'{"data": {"access": "t"}}', "data.access", "t"),
        (b'{"data": ["t"]}', "data.access", None),
        (b"{}", "token", None),
        (b"no json", "token", None),
        (b"[" * 100000, "token", None),
    ],
)
def test_a_token_is_found_where_the_inventory_says(body: bytes, path: str, value: object) -> None:
    assert at_path(body, path) == value


@pytest.mark.parametrize(
    "settings, seconds",
    [
        ({"TOKEN_TTL": "1"}, 1.0),
        ({"JWT_EXPIRES_IN": "15m", "JWT_REFRESH_EXPIRES_IN": "7d"}, 900.0),
        ({"JWT_EXPIRES_IN": "2 hours"}, 7200.0),
        ({"TOKEN_TTL": "500ms"}, 0.5),
        ({"ACCESS_TOKEN_EXPIRE_MINUTES": "30"}, 1800.0),
        ({"TOKEN_LIFETIME_DAYS": "1"}, 86_400.0),
        ({"TOKEN_TTL": "3 moons"}, None),
        ({"TOKEN_TTL": "soon"}, None),
        ({}, None),
    ],
)
def test_the_shortest_configured_lifetime_is_told_in_seconds(settings: dict[str, str], seconds: float | None) -> None:
    found = shortest_lifetime(settings)
    assert (None if found is None else found.seconds) == seconds
