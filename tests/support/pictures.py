# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which containers a run has touched, told by pictures taken before and after it."""

from __future__ import annotations

from collections.abc import Mapping

from labtool.platform import Platform

Picture = Mapping[str, tuple[str, str, str]]
"""Service -> id, StartedAt and state of its container."""


def picture(platform: Platform) -> Picture:
    """Return what would differ if a container was recreated, restarted, started, stopped, paused or unpaused."""
    return {
        container.service: (container.id, container.started_at, "paused" if container.paused else container.status)
        for container in platform.containers().values()
    }


def touched(before: Picture, after: Picture) -> set[str]:
    """Return the services whose containers differ."""
    return {service for service in {*before, *after} if before.get(service) != after.get(service)}
