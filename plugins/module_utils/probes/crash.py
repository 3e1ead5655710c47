# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's crashes, from its containers, its log and the record. Asks nobody anything: it costs no time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_facts import (
    CrashFacts,
    CrashReport,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_ledger import (
    SAMPLE_KEY as LEDGER_KEY,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_ledger import (
    Ledger,
    advance,
    is_crashed,
    is_killed,
    read_ledger,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_signature import (
    LastWords,
    last_words,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import (
    SAMPLE_KEY as KNOWN_GOOD_KEY,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import (
    config_differs,
    image_differs,
    known_good_of,
    read_known_good,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ServiceFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds


def look_at_crashes(
    facts: ServiceFacts, sample: Mapping[str, Any], thresholds: Thresholds, now: float, *, in_trouble: bool
) -> CrashReport:
    """Bring the record's view of a service up to date.

    :param sample: what was recorded of the service.
    :param now: seconds since the epoch.
    :param in_trouble: True when a finding about it is critical or unknown: what it runs now is not known to be good.
    """
    before = read_ledger(sample)
    ledger = advance(before, facts.containers, may_complete=facts.may_complete)
    known = read_known_good(sample)
    running = known_good_of(facts.containers)
    has_crashed = any(
        is_crashed(item, may_complete=facts.may_complete) or item.state == "restarting" for item in facts.containers
    )
    recent = ledger.count(now, thresholds.crash_ledger_s)
    found = CrashFacts(
        ledger=ledger,
        recent=recent,
        known_good=known,
        image_changed=image_differs(facts.containers, known) if known and facts.containers else None,
        config_changed=config_differs(facts.containers, known) if known and facts.containers else None,
        rolled_back_from=next((item.rolled_back_from for item in facts.containers if item.rolled_back_from), ""),
        words=_words(facts, ledger) if has_crashed or (in_trouble and recent) else LastWords(),
    )
    new: dict[str, Any] = {}
    if facts.containers and ledger != before:
        new[LEDGER_KEY] = ledger.to_data()
    if running is not None and running != known and not in_trouble and _has_proved_itself(facts, thresholds, now):
        new[KNOWN_GOOD_KEY] = running.to_data()
    return CrashReport(found, new)


def _has_proved_itself(facts: ServiceFacts, thresholds: Thresholds, now: float) -> bool:
    """True when it has run for long enough: a release that crashes after ten seconds is not a good one."""
    runs = all(item.running for item in facts.containers)
    return runs and facts.age(now) >= thresholds.known_good_age_s


def _words(facts: ServiceFacts, ledger: Ledger) -> LastWords:
    codes = [item.exit_code for item in facts.containers if not item.running] or [ledger.last_exit_code or 0]
    return last_words(facts.log.excerpt, killed=all(is_killed(code) for code in codes))
