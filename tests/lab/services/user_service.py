# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""user-service: log in with a name and a password, get a token; GET /me tells whose token it is."""

from __future__ import annotations

from functools import partial

from . import auth, cache, database
from .settings import Settings
from .web import Application, HttpError, Request, Response


def set_up(application: Application, settings: Settings) -> None:
    def log_in(request: Request) -> Response:
        rows = database.query(
            settings,
            "SELECT id FROM users WHERE username = %s AND password_hash = crypt(%s, password_hash)",
            (str(request.body.get("username", "")), str(request.body.get("password", ""))),
        )
        if not rows:
            raise HttpError(401, "wrong user name or password")
        user = str(rows[0][0])
        token = auth.issue(settings, user)
        cache.client(settings).setex(f"session:{user}", settings.token_ttl, token)
        return Response(200, {"token": token, "expires_in": settings.token_ttl})

    def me(request: Request) -> Response:
        user = auth.verify(settings, request)["sub"]
        rows = database.query(settings, "SELECT username FROM users WHERE id = %s", (int(user),))
        return Response(200, {"id": user, "username": rows[0][0] if rows else None})

    application.routes["POST", "/login"] = log_in
    application.routes["GET", "/me"] = me
    application.checks["postgres"] = partial(database.check, settings)
    application.checks["redis"] = partial(cache.check, settings)
