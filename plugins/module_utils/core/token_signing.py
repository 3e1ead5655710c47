# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Web Tokens by the standard library alone: HS256 (RFC 7515), to prove what a service accepts and refuses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_LONG_AGO = 30 * 86400
"""Seconds: further back than any clock of a platform is wrong, so that 'expired' means it to every service."""

_LIMIT = 16384


@dataclass(frozen=True)
class Token:
    """A token as far as anybody can read it. It is a credential: never shown, stored or logged.

    :param algorithm: of its header, for example ``HS256``.
    :param claims: its payload; nobody has checked its signature.
    """

    text: str = field(repr=False)
    algorithm: str
    claims: Mapping[str, Any] = field(repr=False)

    @property
    def lifetime(self) -> float | None:
        """Seconds from ``iat`` to ``exp``; None when it does not say."""
        issued, expires = self.moment("iat"), self.moment("exp")
        return None if issued is None or expires is None else expires - issued

    def moment(self, claim: str) -> float | None:
        """A NumericDate (s since the epoch), or None."""
        value = self.claims.get(claim)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def read_token(text: object) -> Token | None:
    """The token's header and payload; None when it is no JSON Web Token."""
    if not isinstance(text, str) or len(text) > _LIMIT or text.count(".") != 2:
        return None
    try:
        header, claims = (json.loads(_decode(part)) for part in text.split(".")[:2])
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    return Token(text, str(header.get("alg", "")), claims)


def sign(claims: Mapping[str, Any], secret: bytes) -> str:
    """An HS256 token: BASE64URL(header) . BASE64URL(claims) . BASE64URL(HMAC-SHA-256), RFC 7515 section 3 and A.1."""
    signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
    return f"{signed}.{_base64(hmac.new(secret, signed.encode('ascii'), hashlib.sha256).digest())}"


def fresh(now: float, seconds: int = 60) -> dict[str, Any]:
    """Claims of a token of our own, where nobody could log in."""
    return {"sub": "incident-response-probe", "iat": int(now), "exp": int(now) + seconds}


def expired(claims: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The same claims, long expired."""
    past = int(now) - _LONG_AGO
    return {**{name: value for name, value in claims.items() if name != "nbf"}, "iat": past - 60, "exp": past}


def tampered(token: Token, now: float) -> str:
    """Another subject under the old signature."""
    claims = {**token.claims, "sub": "someone-else", "exp": int(now) + _LONG_AGO}
    header, _payload, signature = token.text.split(".")
    return f"{header}.{_encode(claims)}.{signature}"


def unsigned(claims: Mapping[str, Any], now: float) -> str:
    """``alg: none`` with an empty signature: what RFC 8725 section 3.2 tells every verifier to refuse."""
    return f"{_encode({'alg': 'none', 'typ': 'JWT'})}.{_encode({**claims, 'exp': int(now) + _LONG_AGO})}."


def _encode(data: Mapping[str, Any]) -> str:
    return _base64(json.dumps(data, separators=(",", ":")).encode("utf-8"))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    """:raises ValueError: it is no base64url."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
