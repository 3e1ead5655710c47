# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""reporting-service: GET /reports/<account> counts an account's events."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import psycopg2

from . import auth, database, faults
from .settings import Settings
from .web import Application, HttpError, Request, Response

RETRY_SECONDS = 0.02


def set_up(application: Application, settings: Settings) -> None:
    def report(request: Request) -> Response:
        auth.verify(settings, request)
        account = request.path.rpartition("/")[2]
        if not account.isdigit():
            raise HttpError(400, "the account must be a number")
        started = time.monotonic()
        rows = database.query(settings, "SELECT count(*) FROM events WHERE account = %s", (int(account),))
        elapsed = round((time.monotonic() - started) * 1000, 1)
        return Response(200, {"account": int(account), "events": rows[0][0], "ms": elapsed})

    application.routes["GET", "/reports/"] = report
    application.checks["postgres"] = partial(database.check, settings)
    if settings.faults_enabled:
        leak = ConnectionLeak(settings)
        faults.add(application, "leak-connections", leak.start)
        faults.add(application, "lock-table", leak.lock_table)


class ConnectionLeak:
    """Fault point: takes connections and never gives them back, each idle in a transaction."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: list[Any] = []

    def start(self, body: Mapping[str, Any]) -> None:
        """Take every connection that is free or comes free, until `count` are held."""
        count = faults.number(body, "count")
        threading.Thread(target=self._take, args=(count,), daemon=True).start()

    def lock_table(self, _body: Mapping[str, Any]) -> None:
        """Hold the table `events` locked in a transaction that does nothing: every reader waits behind it."""
        self._hold("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")

    def _take(self, count: int) -> None:
        while len(self._held) < count:
            try:
                self._hold("SELECT 1")
            except psycopg2.OperationalError:
                time.sleep(RETRY_SECONDS)

    def _hold(self, statement: str) -> None:
        connection = database.connect(self._settings, f"{self._settings.service}-leak")
        connection.cursor().execute(statement)
        self._held.append(connection)
