# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of every shape, planted where a run reads them, and the search for them in all that a run leaves behind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.")
"""Any JSON Web Token with a payload: those that a run gets by logging in, or makes itself, are credentials, too."""

_LARGEST = 1 << 26


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class PlantedSecret:
    """A value that nobody may ever see, and the lines in which services are wont to give it away.

    :param value: random, so that a hit is no accident.
    """

    value: str

    @classmethod
    def random(cls) -> PlantedSecret:
        """A new one."""
        return cls("Planted" + secrets.token_hex(16))

    @property
    def lines(self) -> list[str]:
        """One line of a log for each shape; a private key takes several."""
        value = self.value
        body = base64.b64encode((value * 3).encode()).decode()
        return [
            f"connecting with password={value}",
            f'{{"level": "info", "api_key": "{value}"}}',
            f"Authorization: Bearer {value}",
            f"token: {self.token}",
            f"postgresql://app:{value}@postgres:5432/agentfoundry",
            f"redis-server --requirepass {value}",
            f"ALTER ROLE app PASSWORD '{value}'",
            "-----BEGIN PRIVATE KEY-----",
            body[:64],
            body[64:],
            "-----END PRIVATE KEY-----",
            f"error: client_secret={quote(value + '/+', safe='')} was refused",
        ]

    @property
    def token(self) -> str:
        """A JSON Web Token that is signed with the value and bears it in its payload."""
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": "1", "jti": self.value}]
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{_base64url(hmac.new(self.value.encode(), signed.encode(), hashlib.sha256).digest())}"

    @property
    def shapes(self) -> dict[str, bytes]:
        """Name -> bytes, each of which gives the value away."""
        return {**shapes_of(self.value), "part of a private key": base64.b64encode((self.value * 3).encode())[:40]}


def shapes_of(value: str) -> dict[str, bytes]:
    """The value as it is, and as it may stand in an URL, a JSON text or a header."""
    raw = value.encode()
    return {
        "as it is": raw,
        "without its last character": raw[:-1],
        "in Base64": base64.b64encode(raw).rstrip(b"=")[:-1],
        "in hexadecimal": raw.hex().encode(),
        "backwards": raw[::-1],
    }


def hits(folder: Path, wanted: Mapping[str, Mapping[str, bytes]]) -> list[str]:
    """Where any of the values stands in any file below the folder, the names of files included.

    :param wanted: name of a secret -> its shapes.
    """
    return [
        f"{name} {shape}: {path}"
        for path, content in _files(folder)
        for name, shapes in wanted.items()
        for shape, text in shapes.items()
        if text in content or text in str(path).encode()
    ]


def tokens_in(folder: Path) -> list[str]:
    """The files below the folder that hold a JSON Web Token."""
    return [str(path) for path, content in _files(folder) if TOKEN.search(content)]


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST:
            yield path, path.read_bytes()
