# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""compliance-monitor: takes events, tells the user of each by a notification, and checks each in the background.

It publishes to `notifications` and to `compliance-checks`, and consumes the latter itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from . import auth, broker, database, faults
from .settings import Settings
from .web import Application, Request, Response

NOTIFICATIONS = "notifications"
CHECKS = "compliance-checks"


def set_up(application: Application, settings: Settings) -> None:
    def take_event(request: Request) -> Response:
        user = int(auth.verify(settings, request)["sub"])
        event = {"user": user, "kind": str(request.body.get("kind", "event"))}
        rows = database.query(
            settings,
            "INSERT INTO events (account, kind, body) VALUES (%s, %s, %s) RETURNING id",
            (user, event["kind"], json.dumps(dict(request.body))),
        )
        message = json.dumps({**event, "event": rows[0][0]}).encode()
        broker.publish(settings, NOTIFICATIONS, [message])
        broker.publish(settings, CHECKS, [message])
        return Response(202, {"event": rows[0][0]})

    def check_event(body: bytes) -> None:
        event = json.loads(body)["event"]
        database.query(settings, "INSERT INTO compliance_checks (event) VALUES (%s) ON CONFLICT DO NOTHING", (event,))

    def publish(body: Mapping[str, Any]) -> None:
        """Fault point: publish `text` to `queue` `count` times."""
        message = str(body["text"]).encode()
        broker.publish(settings, str(body["queue"]), [message] * faults.number(body, "count"))

    consumer = broker.Consumer(settings, CHECKS, check_event)
    consumer.start()
    application.routes["POST", "/events"] = take_event
    application.checks["postgres"] = partial(database.check, settings)
    application.checks["rabbitmq"] = partial(broker.check, settings)
    application.checks["consumer"] = consumer.check
    if settings.faults_enabled:
        faults.add(application, "publish", publish)
