# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AU-6: are the clocks of the services close enough to each other, and this host's to NTP? Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockFacts,
    ClockReading,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds

_STEP = "AU-6"


def judge_clocks(facts: ClockFacts, service: str, thresholds: Thresholds) -> tuple[Finding, ...]:
    """One finding about the services' clocks, one about the host's.

    :param service: whose findings they are; empty for the platform.
    """
    limit = thresholds.clock_skew_s
    return (_services(facts, service, limit), *_faked(facts, service, limit), _host(facts, service, limit))


def _services(facts: ClockFacts, service: str, limit: float) -> Finding:
    name = "clock.skew"
    if not facts.services:
        return Finding(name, service, Status.NOT_CONFIGURED, "No service has told its time.", step=_STEP)
    wrong = {one: reading for one, reading in sorted(facts.services.items()) if reading.at_least > limit}
    worst, reading = max(facts.services.items(), key=lambda item: item[1].at_least)
    value = round(reading.skew, 1)
    if not wrong:
        message = f"The clocks of {len(facts.services)} services are within {limit:g} s of this host's."
        return Finding(name, service, Status.OK, message, value, limit, "s", step=_STEP)
    evidence = tuple(f"{one}: {_words(found)} ({found.source})" for one, found in wrong.items())
    message = f"The clock of {worst} is {_words(reading)} this host's."
    return Finding(name, service, Status.CRITICAL, message, value, limit, "s", evidence, _STEP)


def _faked(facts: ClockFacts, service: str, limit: float) -> tuple[Finding, ...]:
    """A clock that the container's own environment fakes is put right by a recreate; any other one is not."""
    faked = tuple(
        name for name, reading in sorted(facts.services.items()) if reading.faked and reading.at_least > limit
    )
    if not faked:
        return ()
    whose = f"{_words(facts.services[faked[0]])} this host's, since its environment fakes it (libfaketime)"
    message = f"The clock of {faked[0]} is {whose}."
    return (Finding("clock.faked", service, Status.CRITICAL, message, step=_STEP, targets=faked),)


def _host(facts: ClockFacts, service: str, limit: float) -> Finding:
    name, host = "clock.host", facts.host
    if host.synchronized is None:
        return Finding(name, service, Status.NOT_CONFIGURED, host.message, step=_STEP)
    if host.offset is not None and abs(host.offset) > limit:
        message = f"This host's clock is {_amount(abs(host.offset))} off NTP ({host.source})."
        return Finding(name, service, Status.CRITICAL, message, round(host.offset, 3), limit, "s", step=_STEP)
    status = Status.OK if host.synchronized else Status.WARNING
    value = None if host.offset is None else round(host.offset, 6)
    return Finding(name, service, status, host.message, value, limit, "s", step=_STEP)


def _words(reading: ClockReading) -> str:
    side = "ahead of" if reading.skew > 0 else "behind"
    return f"{_amount(abs(reading.skew))} (± {reading.uncertainty:.1f} s) {side}"


def _amount(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds:.1f} s"
