# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks: how far they are apart, and how well that is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"\w{3}, (\d{1,2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_AMOUNT = re.compile(r"([\d.]+)(us|ms|min|s|h|d)\b")


@dataclass(frozen=True)
class ClockReading:
    """A clock beside this host's clock.

    :param source: ``Date header`` or ``date``.
    :param skew: seconds that it is ahead (negative: behind).
    :param uncertainty: seconds; the true skew is within ``skew`` plus or minus this.
    :param faked: True when the container's environment fakes the clock (libfaketime).
    """

    source: str
    skew: float
    uncertainty: float
    faked: bool = False

    @property
    def at_least(self) -> float:
        """Seconds, without sign, that the two are apart for certain."""
        return max(0.0, abs(self.skew) - self.uncertainty)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "skew": round(self.skew, 3), "uncertainty": round(self.uncertainty, 3)}


@dataclass(frozen=True)
class HostClock:
    """This host's clock against NTP.

    :param source: ``chrony``, ``timesyncd`` or ``none``.
    :param synchronized: None when nobody can tell.
    :param offset: seconds that NTP says the clock is off; None when it does not say.
    :param message: one sentence.
    """

    source: str = "none"
    synchronized: bool | None = None
    offset: float | None = None
    message: str = "No NTP client answers on this host, so its clock cannot be compared with others."

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class ClockFacts:
    """All clocks of a platform.

    :param services: service -> its clock.
    """

    host: HostClock = field(default_factory=HostClock)
    services: Mapping[str, ClockReading] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "host": self.host.to_data(),
            "services": {name: reading.to_data() for name, reading in sorted(self.services.items())},
        }


def read_date_header(value: str, before: float, after: float, *, faked: bool = False) -> ClockReading | None:
    """A ``Date`` header (RFC 9110, IMF-fixdate), which tells whole seconds, cut off.

    :param before: when the request was sent, :param after: when the answer was there (s since the epoch).
    """
    match = _DATE.fullmatch(value.strip())
    if match is None or match[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[number]) for number in (1, 3, 4, 5, 6))
    try:
        moment = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    return compare(moment.timestamp() + 0.5, 0.5, before, after, "Date header", faked=faked)


def read_date_output(value: str, before: float, after: float, *, faked: bool = False) -> ClockReading | None:
    """What ``date +%s.%N`` printed; the fraction is missing with some versions of it."""
    match = re.fullmatch(r"(\d{1,12})(?:\.(?:(\d{1,9})|%?N))?", value.strip())
    if match is None:
        return None
    if match[2] is None:
        return compare(int(match[1]) + 0.5, 0.5, before, after, "date", faked=faked)
    return compare(float(f"{match[1]}.{match[2]}"), 0.0, before, after, "date", faked=faked)


def compare(told: float, blur: float, before: float, after: float, source: str, *, faked: bool) -> ClockReading:
    """A clock that told ``told`` (plus or minus ``blur``) at some moment between ``before`` and ``after``."""
    return ClockReading(source, told - (before + after) / 2, blur + (after - before) / 2, faked)


def read_chrony(stdout: str) -> HostClock:
    """``chronyc -c tracking``: comma-separated, the fifth field is the system clock's offset in seconds (positive:
    slow of NTP), the last one the leap status."""
    fields = stdout.strip().split(",")
    if len(fields) < 14:
        return HostClock("chrony", None, None, "chrony does not answer.")
    try:
        offset = -float(fields[4])
    except ValueError:
        return HostClock("chrony", None, None, "chrony's answer cannot be read.")
    synchronized = fields[-1].strip() != "Not synchronised" and fields[1].strip() not in ("", "0.0.0.0")  # noqa: S104
    words = f"is {abs(offset):.6f} s off NTP" if synchronized else "is not synchronised by chrony"
    return HostClock("chrony", synchronized, offset if synchronized else None, f"This host's clock {words}.")


def read_timesyncd(shown: str, status: str) -> HostClock:
    """``timedatectl show`` (``NTPSynchronized=yes``) and ``timedatectl timesync-status`` (``Offset: +1.2ms``)."""
    found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    if "NTPSynchronized" not in found:
        return HostClock()
    synchronized = found["NTPSynchronized"] == "yes"
    match = re.search(r"^\s*Offset:\s*([+-]?)(\S.*)$", status, re.MULTILINE)
    offset = None
    if match is not None:
        amounts = _AMOUNT.findall(match[2])
        if amounts:
            offset = (-1.0 if match[1] == "-" else 1.0) * sum(float(number) * _UNITS[unit] for number, unit in amounts)
    words = "is synchronised by NTP" if synchronized else "is not synchronised by NTP"
    return HostClock("timesyncd", synchronized, offset, f"This host's clock {words}.")
