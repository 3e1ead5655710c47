# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Web Tokens: user-service issues them, every service verifies them with the same secret."""

from __future__ import annotations

import time
from typing import Any

import jwt

from .settings import Settings
from .web import Application, HttpError, Request, Response

ALGORITHM = "HS256"
# Exit code for a service that is not configured (EX_CONFIG of sysexits.h).
EXIT_NOT_CONFIGURED = 78


def issue(settings: Settings, subject: str) -> str:
    """Return a token for the subject that is good for `settings.token_ttl` seconds from now."""
    now = int(time.time())
    claims = {"sub": subject, "iat": now, "exp": now + settings.token_ttl}
    return str(jwt.encode(claims, settings.jwt_secret, algorithm=ALGORITHM))


def verify(settings: Settings, request: Request) -> dict[str, Any]:
    """Return the claims of the request's bearer token; HttpError 401 says why it is not good."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HttpError(401, "no bearer token")
    try:
        return dict(jwt.decode(token, settings.jwt_secret, algorithms=[ALGORITHM]))
    except jwt.PyJWTError as error:
        raise HttpError(401, f"{type(error).__name__}: {error}") from None


def add_whoami(application: Application, settings: Settings) -> None:
    """Let the service tell whom a token belongs to: GET /whoami, so that any token can be shown to any service."""

    def whoami(request: Request) -> Response:
        claims = verify(settings, request)
        return Response(200, {"service": settings.service, "subject": claims["sub"], "expires": claims["exp"]})

    application.routes["GET", "/whoami"] = whoami
