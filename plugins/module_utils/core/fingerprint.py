# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes two observations the same incident."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable


def incident_fingerprint(platform: str, scenario: str, services: Iterable[str]) -> str:
    """SHA-256 (hex) of platform, scenario and root-cause services.

    Not of the findings: a hang that becomes a crash loop while it is being healed is still the same incident.
    """
    content = [platform, scenario, sorted(set(services))]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
