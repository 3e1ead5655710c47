# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes secrets, terminal escapes and control characters out of text before it is shown or stored.

Two ways, since each misses what the other sees: by value (what the containers' environment calls a secret), and by
pattern (what looks like one).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core import redaction_patterns as patterns
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction_patterns import PLACEHOLDER

LINE_LIMIT = 300
"""Characters of a line that a person is shown."""

_RAW_LINE_LIMIT = 4000
_SHORTEST = 4
_CERTAIN = 8
"""A value of at least that many characters is replaced inside longer words, too."""

# fmt: off
_COMMON = frozenset((
    "admin", "administrator", "changeme", "default", "false", "guest", "local", "localhost", "none", "null",
    "password", "postgres", "public", "redis", "rabbitmq", "redacted", "root", "secret", "test", "token", "true",
    "user",
))
# fmt: on
"""Words that stand in every log: as a password they are hidden only where they stand as a password."""

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]{0,4000}(?:\x07|\x1b\\|$)"  # OSC: titles, links
    r"|\x1b[P^_X][^\x1b]{0,4000}(?:\x1b\\|$)"  # DCS, PM, APC, SOS
    r"|[\x1b\x9b]\[?[0-?]{0,100}[ -/]{0,10}[@-~]"  # CSI and two-character escapes
    r"|\x1b"
)
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""C0 without tab and newline, C1, soft hyphen, zero-width and bidirectional controls, lone surrogates, tags."""


def clean_text(text: str) -> str:
    """Text that cannot steer a terminal: no escapes, no control or invisible characters. Carriage returns end lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", _ESCAPES.sub("", text))


class Redactor:
    """Hides what must not be seen. Pure and safe for use by several threads.

    :param secret_values: values that are secret wherever they stand.
    :param public_words: words that are known to be no secret (names of users, databases, services). A secret that
        equals one of them, or is a very common or very short word, is hidden only where it stands as a password.
    """

    def __init__(self, secret_values: Iterable[str] = (), public_words: Collection[str] = ()) -> None:
        public = {word.lower() for word in public_words} | _COMMON
        found: set[str] = set()
        for value in secret_values:
            found.update(form for form in _forms(value) if _is_distinctive(form, public))
        longest_first = sorted(found, key=lambda value: (-len(value), value))
        self._values = re.compile("|".join(_literal(value) for value in longest_first)) if longest_first else None

    def text(self, text: str) -> str:
        """The text without secrets and control characters; a line keeps its length. Idempotent."""
        text = clean_text(text)
        if self._values is not None:
            text = self._values.sub(PLACEHOLDER, text)
        if patterns.MULTILINE_HINT in text:
            text = patterns.PRIVATE_KEY.sub(PLACEHOLDER, text)
            text = patterns.KEY_END.sub(PLACEHOLDER, text)
        text = patterns.KEY_BODY.sub(PLACEHOLDER, text)
        return "\n".join(_redact_line(line[:_RAW_LINE_LIMIT]) for line in text.split("\n"))

    def lines(self, text: str, limit: int = LINE_LIMIT) -> list[str]:
        """The lines of :meth:`text` that are not empty, each cut to ``limit`` characters."""
        return [_cut(line, limit) for line in self.text(text).split("\n") if line.strip()]

    def line(self, text: str, limit: int = LINE_LIMIT) -> str:
        """:meth:`text` in one line of at most ``limit`` characters."""
        return _cut(" ".join(self.text(text).split()), limit)

    def code(self, text: str) -> str:
        """A statement whose values were taken out before, in one line, whole.

        Hidden is only what is known to be secret: ``token = ?`` says nothing, and is needed as it is.
        """
        line = " ".join(clean_text(text).split())
        return line if self._values is None else self._values.sub(PLACEHOLDER, line)

    def data(self, value: Any, *, depth: int = 20) -> Any:
        """Plain data (JSON) with every string redacted, and whole the values whose key names a secret."""
        if depth <= 0:
            return "..."
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): PLACEHOLDER
                if is_secret_name(str(key)) and isinstance(item, (str, int, float)) and not isinstance(item, bool)
                else self.data(item, depth=depth - 1)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.data(item, depth=depth - 1) for item in value]
        return value


_BY_PATTERN = Redactor()


def redact_text(text: str) -> str:
    """By pattern alone, where no value is known: the second line of defence."""
    return _BY_PATTERN.text(text)


def is_secret_name(name: str) -> bool:
    """True when a setting of that name (``JWT_SECRET``) holds a secret, and not only something about one."""
    return bool(patterns.SECRET_NAME.search(name)) and not patterns.NOT_SECRET_NAME.search(name)


_URL_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://([^\s:/@]*):([^\s]+)@")


def secrets_of_environment(environment: Mapping[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    """What a container's environment tells: (secret values, public words).

    A value is secret when its name says so, or when it is the password in a URL. Users in URLs and the values of
    names that end in ``_USER``, ``_DB``, ``_NAME`` are public.
    """
    secret: set[str] = set()
    public: set[str] = set()
    for name, value in environment.items():
        for user, password in _URL_PASSWORD.findall(value):
            public.add(user)
            secret.add(password)
        if is_secret_name(name):
            secret.add(value)
        elif name.upper().endswith(("USER", "USERNAME", "_DB", "DATABASE", "_NAME", "SERVICE", "HOST", "VHOST")):
            public.add(value)
    return frozenset(secret), frozenset(public)


def _forms(value: str) -> set[str]:
    """The value as it may stand in a log: itself, each line of several, URL-encoded, in Base64, without quotes."""
    forms = {value, value.strip(), value.strip("'\" \n"), quote(value, safe="")}
    if len(value) >= _CERTAIN:
        forms.add(base64.b64encode(value.encode("utf-8", "replace")).decode().rstrip("="))
        forms.update(line.strip() for line in value.splitlines() if len(line.strip()) >= 2 * _CERTAIN)
    return forms


def _is_distinctive(value: str, public: Collection[str]) -> bool:
    if len(value) < _SHORTEST or value.lower() in public or value in PLACEHOLDER:
        return False
    if "\n" in value or clean_text(value) != value:
        return False  # its lines and its cleaned form are in the set of their own
    return not (value.isdigit() and len(value) < _CERTAIN)


def _literal(value: str) -> str:
    escaped = re.escape(value)
    return escaped if len(value) >= _CERTAIN else rf"(?<![A-Za-z0-9_]){escaped}(?![A-Za-z0-9_])"


def _redact_line(line: str) -> str:
    for pattern, replacement in patterns.PATTERNS:
        line = pattern.sub(replacement, line)
    return patterns.ASSIGNMENT.sub(_redact_assignment, line)


def _redact_assignment(match: re.Match[str]) -> str:
    key, value = match.group("key"), match.group("value")
    if PLACEHOLDER in value or _is_about_a_secret(key, value, prose=bool(match.group("space"))):
        return match.group(0)
    for opening in ('\\"', '"', "'"):
        if value.startswith(opening):
            return f"{key}{match.group('sep')}{opening}{PLACEHOLDER}{opening}"
    return f"{key}{match.group('sep')}{PLACEHOLDER}"


def _is_about_a_secret(key: str, value: str, *, prose: bool) -> bool:
    """True for ``TOKEN_TTL=3600`` and for prose such as ``invalid token: Signature verification failed``."""
    if patterns.NOT_SECRET_NAME.search(key):
        return True
    return prose and key.lower().endswith("token") and value.isalpha() and len(value) <= 12


def _cut(line: str, limit: int) -> str:
    return line if len(line) <= limit else line[: limit - 1] + "…"
