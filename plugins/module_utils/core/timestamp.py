# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as Docker writes them."""

from __future__ import annotations

from datetime import datetime, timezone


def epoch_seconds(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time in UTC, to the second; 0 when the text is none."""
    try:
        return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return 0.0
