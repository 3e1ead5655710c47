# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import (
    Redactor,
    clean_text,
    is_secret_name,
    redact_text,
    secrets_of_environment,
)

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwcm9iZSJ9.c2lnbmF0dXJlLW9mLXRva2Vu"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\nygWyF0qJ\n-----END RSA PRIVATE KEY-----"
SECRET = "Sesame-0pen!"


@pytest.mark.parametrize(
    "text, secret",
    [
        (f"password={SECRET}", SECRET),
        (f"PASSWORD: {SECRET}", SECRET),
        (f"db_password = '{SECRET}'", SECRET),
        (f'{{"password": "{SECRET}"}}', SECRET),
        (f'{{\\"password\\":\\"{SECRET}\\"}}', SECRET),
        ('{"password": "with \\" quote"}', "quote"),
        ('{"password": "cut off here', "cut off here"),
        (f"--password {SECRET}", SECRET),
        (f"--api-key={SECRET}", SECRET),
        (f"requirepass {SECRET}", SECRET),
        (f"ALTER ROLE app PASSWORD '{SECRET}'", SECRET),
        (f"JWT_SECRET={SECRET} PORT=1", SECRET),
        (f"token={SECRET}", SECRET),
        (f"GET /callback?access_token={SECRET}&state=1", SECRET),
        ("Authorization: Bearer abcdefgh.ijklmnop", "abcdefgh"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("bearer abcdefghijkl", "abcdefghijkl"),
        ("Cookie: session=abc; other=def", "def"),
        ("X-Api-Key: 0123456789", "0123456789"),
        (f"got {JWT} from a client", JWT.split(".")[1]),
        (f"got {JWT[:40]}", JWT[4:40]),
        (f"postgresql://app:{SECRET}@postgres:5432/db", SECRET),
        ("amqp://guest:guest@rabbitmq", ":guest@"),
        ("redis://:pa/ss@wo@redis:6379", "pa/ss"),
        ("https://x-token-of-twenty-chars@git.example/repo", "x-token-of"),
        ("key AKIAIOSFODNN7EXAMPLE in use", "AKIAIOSFODNN7EXAMPLE"),
        ("ghp_0123456789abcdef0123456789abcdef0123", "0123456789abcdef"),
        ("sk-abcdefghijklmnopqrstuvwx", "abcdefghijkl"),
        (f"before\n{KEY}\nafter", "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn"),
        (KEY.split("-----END")[0], "ygWyF0qJ"),
        (KEY.split("KEY-----", 1)[1], "ygWyF0qJ"),
        ("x " + "G1h2J3k4" * 10 + "\n", "G1h2J3k4G1h2"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "TOKEN_TTL=3600",
        "invalid token: expired",
        'password authentication failed for user "app"',
        "http://localhost:8000/health",
        "http://localhost:8080/users/someone@example.com",
        "bypass: yes",
        "compass=north",
        "sha256:" + "0123456789abcdef" * 4,
        "0123456789abcdef" * 4,
        "GET /reports/7 200 12 ms",
        "the secret of success",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact_text(text) == text


def test_the_rest_of_a_line_stays() -> None:
    assert redact_text(f"user=app password={SECRET} host=db") == "user=app password=[redacted] host=db"
    assert redact_text(f"before\n{KEY}\nafter") == "before\n[redacted]\nafter"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        f"<{SECRET}>",
        f"prefix{SECRET}suffix",
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        SECRET[:5] + "\x1b[31m" + SECRET[5:],
        SECRET[:5] + "\u200b" + SECRET[5:],
    ],
)
def test_a_known_value_is_hidden_in_every_form(form: str) -> None:
    shown = Redactor([SECRET]).text(f"it said {form} and went on")
    assert shown.startswith("it said ")
    assert SECRET not in shown
    assert clean_text(form) not in shown


@pytest.mark.parametrize(
    "value, public, text",
    [
        ("guest", [], 'user "guest" connected'),
        ("agentfoundry", ["agentfoundry"], 'database "agentfoundry" does not exist'),
        ("1", [], "1 connection of 10"),
        ("3600", [], "took 3600 ms"),
        ("", [], "anything"),
    ],
)
def test_a_common_short_or_public_word_is_hidden_only_where_it_is_a_password(
    value: str, public: list[str], text: str
) -> None:
    redactor = Redactor([value], public)
    assert redactor.text(text) == text
    if value:
        assert redactor.text(f"password={value}") == "password=[redacted]"


def test_a_short_value_is_hidden_as_a_word_only() -> None:
    assert Redactor(["wolf"]).text("wolf werewolf wolf_pack wolf.") == "[redacted] werewolf wolf_pack [redacted]."


def test_each_line_of_a_key_in_the_environment_is_known() -> None:
    body = "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn"
    assert body not in Redactor([KEY]).text(f"loaded {body} as key")


def test_escapes_and_invisible_characters_are_taken_out() -> None:
    text = "\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m \u202eevil\u202c a\x00b\x9b1mc\ttab\u200b"
    assert clean_text(text) == "red evil abc\ttab"


def test_lines_are_cut_and_empty_ones_dropped() -> None:
    lines = Redactor().lines("a\n\n   \n" + "b" * 500)
    assert lines[0] == "a"
    assert len(lines) == 2
    assert len(lines[1]) == 300


def test_structured_data_is_redacted_by_key_and_by_value() -> None:
    data = {
        "status": "ok",
        "db": {"password": "x", "token_ttl": 60, "tokens": [1], "ok": True},
        "seen": [f"it is {SECRET}", 3, None],
        "pin": 1234,
    }
    assert Redactor([SECRET]).data(data) == {
        "status": "ok",
        "db": {"password": "[redacted]", "token_ttl": 60, "tokens": [1], "ok": True},
        "seen": ["it is [redacted]", 3, None],
        "pin": "[redacted]",
    }


def test_deep_data_ends_somewhere() -> None:
    deep: list[object] = []
    for _level in range(100):
        deep = [deep]
    assert "..." in str(Redactor().data(deep))


@pytest.mark.parametrize(
    "name, expected",
    [
        ("JWT_SECRET", True),
        ("POSTGRES_PASSWORD", True),
        ("DB_PASS", True),
        ("API_KEY", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("SENTRY_DSN", True),
        ("TOKEN_TTL", False),
        ("JWT_ALGORITHM", False),
        ("PASSWORD_FILE", False),
        ("TOKEN_URL", False),
        ("COMPASS", False),
        ("PATH", False),
        ("KEYBOARD", False),
    ],
)
def test_a_name_tells_whether_its_value_is_secret(name: str, expected: bool) -> None:
    assert is_secret_name(name) is expected


def test_an_environment_tells_secrets_and_public_words() -> None:
    secret, public = secrets_of_environment(
        {"JWT_SECRET": "abc", "POSTGRES_USER": "app", "URL": "amqp://guest:other@rabbit", "TOKEN_TTL": "60"}
    )
    assert secret == {"abc", "other"}
    assert public == {"app", "guest"}


ANYTHING = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
DISTINCTIVE = st.text(alphabet=string.ascii_letters + string.digits + "!#%&*+-_.", min_size=10, max_size=30).filter(
    lambda text: not text.isdigit() and text.strip(".-_") == text and "[redacted]" not in text
)


@given(ANYTHING, DISTINCTIVE, ANYTHING)
def test_a_known_value_never_passes_whatever_stands_around_it(before: str, secret: str, after: str) -> None:
    assert secret not in Redactor([secret]).text(before + secret + after)


@given(ANYTHING)
def test_redaction_is_idempotent(text: str) -> None:
    once = redact_text(text)
    assert redact_text(once) == once


@given(st.text(alphabet=string.ascii_letters + ":=/@\"'\\ .-\n?&", max_size=120))
def test_redaction_is_idempotent_on_text_full_of_separators(noise: str) -> None:
    text = f"password={noise} token: {noise} x://{noise}"
    once = redact_text(text)
    assert redact_text(once) == once


@given(ANYTHING)
def test_what_is_shown_cannot_steer_a_terminal(text: str) -> None:
    shown = redact_text(text)
    assert not any((ord(char) < 32 and char not in "\t\n") or 127 <= ord(char) < 160 for char in shown)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_shown(raw: bytes) -> None:
    assert Redactor().lines(raw.decode("utf-8", "replace")) is not None


@pytest.mark.parametrize(
    "text, shown",
    [
        ("SELECT 1 FROM sessions WHERE token = ?", "SELECT 1 FROM sessions WHERE token = ?"),
        ("SELECT 1\n  FROM t\x1b[31m", "SELECT 1 FROM t"),
        ("SELECT Sesame_0pen_8 FROM t", "SELECT [redacted] FROM t"),
        ("SELECT " + "a, " * 300 + "b", "SELECT " + "a, " * 300 + "b"),
    ],
)
def test_a_statement_without_values_stays_whole_but_for_known_secrets(text: str, shown: str) -> None:
    assert Redactor(["Sesame_0pen_8"]).code(text) == shown
