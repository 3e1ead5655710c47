# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""api-gateway: the one address that clients use; passes each path on to the service that answers it."""

from __future__ import annotations

from functools import partial

from . import cache
from .settings import Settings
from .web import Application, Request, Response, Route
from .web_client import call, require_ok

# A gateway waits longer than the services wait for what they depend on, so that theirs is the error that shows.
PATIENCE = 4


def set_up(application: Application, settings: Settings) -> None:
    def forward_to(base: str) -> Route:
        def forward(request: Request) -> Response:
            cache.client(settings).incr("gateway:requests")
            token = request.headers.get("authorization")
            status, body = call(
                base + request.path,
                timeout=settings.dependency_timeout * PATIENCE,
                body=request.body if request.method == "POST" else None,
                headers={"Authorization": token} if token else None,
            )
            return Response(status, body)

        return forward

    application.routes["POST", "/login"] = forward_to(settings.user_url)
    application.routes["GET", "/me"] = forward_to(settings.user_url)
    application.routes["POST", "/events"] = forward_to(settings.compliance_url)
    application.routes["GET", "/reports/"] = forward_to(settings.report_url)
    application.routes["POST", "/recommend"] = forward_to(settings.ai_url)
    application.routes["GET", "/notifications"] = forward_to(settings.notify_url)

    # Nobody gets in without these two; the other services can fail without taking the gateway along.
    application.checks["redis"] = partial(cache.check, settings)
    application.checks["user-service"] = partial(require_ok, settings.user_url + "/live", settings.dependency_timeout)
