# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows small enough for a test."""

from __future__ import annotations

QUICK = {
    "remediation_stability_window": 1.0,
    "remediation_poll_interval": 0.3,
    "remediation_probe_deadline": 5.0,
    "remediation_lease_wait": 60,
}
