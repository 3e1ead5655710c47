# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the service that the environment variable SERVICE names."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from . import (
    ai_recommendation,
    api_gateway,
    auth,
    compliance_monitor,
    faults,
    model_server,
    notification_service,
    reporting_service,
    user_service,
)
from .logs import log
from .settings import Settings
from .web import Application, serve

SERVICES: dict[str, Callable[[Application, Settings], None]] = {
    "ai-recommendation": ai_recommendation.set_up,
    "api-gateway": api_gateway.set_up,
    "compliance-monitor": compliance_monitor.set_up,
    "model-server": model_server.set_up,
    "notification-service": notification_service.set_up,
    "reporting-service": reporting_service.set_up,
    "user-service": user_service.set_up,
}


def main() -> None:
    # As process 1 of a container Python would ignore SIGTERM, and every stop would take the whole stop time-out.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    settings = Settings.from_environment()
    if not settings.jwt_secret:
        log("fatal", "JWT_SECRET is empty")
        sys.exit(auth.EXIT_NOT_CONFIGURED)
    application = Application(settings.service)
    auth.add_whoami(application, settings)
    if settings.faults_enabled:
        faults.add_common(application)
    SERVICES[settings.service](application, settings)
    serve(application, settings.port)


if __name__ == "__main__":
    main()
