# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two observations are the same incident when platform, scenario and root causes are the same."""

from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.fingerprint import (
    incident_fingerprint,
)

GIVEN = incident_fingerprint("shop", "service_crash", ["auth", "cache"])


@pytest.mark.parametrize("services", [["cache", "auth"], ("auth", "cache", "auth"), {"auth", "cache"}])
def test_order_and_repetition_of_the_services_do_not_matter(services: list[str]) -> None:
    assert incident_fingerprint("shop", "service_crash", services) == GIVEN


@pytest.mark.parametrize(
    "platform, scenario, services",
    [
        ("shop2", "service_crash", ["auth", "cache"]),
        ("shop", "high_latency", ["auth", "cache"]),
        ("shop", "service_crash", ["auth"]),
        ("shop", "service_crash", []),
        ("shop", "service_crash", ["auth,cache"]),
        ("shop", "service_crash", ["authcache"]),
    ],
)
def test_any_other_content_is_another_incident(platform: str, scenario: str, services: list[str]) -> None:
    assert incident_fingerprint(platform, scenario, services) != GIVEN


def test_the_fingerprint_stays_the_same_from_release_to_release() -> None:
    """Open incidents are found by it: another value would open each of them a second time."""
    assert GIVEN == "14e23a88a0e52b128e3dadc67f4c92ba7791509a75d754831385701430131c0d"
