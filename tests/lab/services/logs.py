# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One JSON line per event on standard output, where Docker collects it."""

from __future__ import annotations

import json
import os
import time


def log(level: str, message: str, **fields: object) -> None:
    """Write one line: ts (UTC), level (debug, info, warn, error, fatal), service, msg and the fields."""
    line = {
        "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "level": level,
        "service": os.environ.get("SERVICE", ""),
        "msg": message,
        **fields,
    }
    print(json.dumps(line, default=str), flush=True)
