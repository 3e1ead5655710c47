# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a TCP port open? No byte is sent."""

from __future__ import annotations

import socket

OPEN = "open"
REFUSED = "refused"
UNKNOWN = "unknown"


def look_at_port(address: str, port: int, *, deadline: float) -> str:
    """``open``, ``refused`` (somebody answered that nothing listens), or ``unknown`` (no way from here).

    :param deadline: seconds.
    """
    try:
        with socket.create_connection((address, port), timeout=deadline):
            return OPEN
    except ConnectionRefusedError:
        return REFUSED
    except OSError:
        return UNKNOWN
