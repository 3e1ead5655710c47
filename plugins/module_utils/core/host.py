# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine below the services, as something that can be in trouble itself."""

from __future__ import annotations

HOST = "the host"
"""Stands where a service's name stands. It holds a space, so that no Compose service can be called so."""

HOST_KIND = "host"
"""What a scenario names among its kinds when it looks after the host."""
