# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""notification-service: consumes the queue `notifications`; GET /notifications tells how many it has delivered."""

from __future__ import annotations

import json
import os
from functools import partial

from . import auth, broker
from .logs import log
from .settings import Settings
from .web import Application, Request, Response

QUEUE = "notifications"
# Exit code for an internal software error (EX_SOFTWARE of sysexits.h).
EXIT_SOFTWARE = 70


def set_up(application: Application, settings: Settings) -> None:
    def deliver(body: bytes) -> None:
        try:
            json.loads(body)
        except ValueError as error:
            # A bug that real consumers have: one bad message ends the process before it is acknowledged, goes back
            # to the queue, and ends the next process too.
            log("fatal", "cannot read a notification", error=str(error), body=body[:60].decode("latin-1"))
            os._exit(EXIT_SOFTWARE)

    def count(request: Request) -> Response:
        auth.verify(settings, request)
        return Response(200, {"delivered": consumer.consumed})

    consumer = broker.Consumer(settings, QUEUE, deliver)
    consumer.start()
    application.routes["GET", "/notifications"] = count
    application.checks["rabbitmq"] = partial(broker.check, settings)
    application.checks["consumer"] = consumer.check
