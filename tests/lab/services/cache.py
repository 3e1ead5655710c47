# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis, as a cache with a short time-out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import redis

from .settings import Settings


@lru_cache(maxsize=1)
def client(settings: Settings) -> Any:
    """Return this process's client (it keeps a pool of connections)."""
    timeout = settings.dependency_timeout
    return redis.Redis.from_url(settings.redis_url, socket_timeout=timeout, socket_connect_timeout=timeout)


def check(settings: Settings) -> None:
    """Raise unless Redis answers a PING. (A Redis that takes no writes still does: see the latency faults.)"""
    client(settings).ping()
