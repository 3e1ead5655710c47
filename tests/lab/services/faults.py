# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault points: POST /faults/<name> makes a service misbehave in one way. Only with FAULTS_ENABLED=1, as in the lab."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from .web import Application, HttpError, Request, Response

Fault = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


def add(application: Application, name: str, fault: Fault) -> None:
    """Serve the fault: it gets the request's JSON object, and what it returns is added to the answer."""

    def route(request: Request) -> Response:
        return Response(200, {"fault": name, **(fault(request.body) or {})})

    application.routes["POST", f"/faults/{name}"] = route


def add_common(application: Application) -> None:
    """Serve the faults that any service can have."""
    hoard: list[bytes] = []

    def allocate(body: Mapping[str, Any]) -> None:
        """Take `megabytes` of memory for good, one after the other: past the container's limit it is killed."""
        megabytes = number(body, "megabytes")

        def take() -> None:
            hoard.extend(os.urandom(1 << 20) for _ in range(megabytes))

        threading.Thread(target=take, daemon=True).start()

    def log_lines(body: Mapping[str, Any]) -> None:
        """Write `text` (its bytes given as Latin-1) to standard output `count` times, as it is."""
        line = str(body["text"]).encode("latin-1") + b"\n"
        count = number(body, "count")
        for start in range(0, count, 1000):
            sys.stdout.buffer.write(line * min(1000, count - start))
            sys.stdout.buffer.flush()

    add(application, "allocate", allocate)
    add(application, "log", log_lines)


def number(body: Mapping[str, Any], name: str) -> int:
    """Return a whole number of the request's body; HttpError 400 when it is absent or no number."""
    try:
        return int(body[name])
    except (KeyError, TypeError, ValueError):
        raise HttpError(400, f"{name} must be a whole number") from None
