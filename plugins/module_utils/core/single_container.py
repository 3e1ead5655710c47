# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a service can have only one container: a name, a port of the host, or the host's network is there only once."""

from __future__ import annotations


def fixed_name(service: str, name: str) -> str:
    """The Compose file gives its container a name."""
    return f"{service} has the fixed container_name {name}, which only one container can bear."


def fixed_port(service: str, port: str) -> str:
    """The Compose file publishes it on a certain port."""
    return f"{service} publishes its port on the fixed port {port} of the host, which only one container can have."


def host_network(service: str) -> str:
    """It listens on the host's own addresses."""
    return f"{service} lives in the host's network, where only one can listen."


def is_fixed(port: str) -> bool:
    """Whether a port of the host leaves no choice: no range, and not any that is free."""
    return port not in ("", "0") and "-" not in port
