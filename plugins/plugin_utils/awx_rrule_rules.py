# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses of the recurrence of a schedule (awx/api/serializers.py, SchedulePreviewSerializer, AWX 24.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WHOLE = re.compile(
    r"DTSTART(?:;TZID=(?P<zone>[^:\s]+))?:(?P<start>\d{8}T\d{6})(?P<utc>Z?) (?P<rules>RRULE:\S+(?: RRULE:\S+)*)"
)
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
_DAYS = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
_PARTS = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
    "BYSETPOS",
    "WKST",
}
_MOST = 999
# Part -> the smallest and the largest of its numbers; where it is below zero, they count from the end, and 0 is none.
_RANGES = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYSETPOS": (-366, 366),
}
_UNTIL = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}")


def rrule_problems(rrule: str) -> Iterator[str]:
    """Yield what is wrong with a recurrence, each as one sentence."""
    whole = _WHOLE.fullmatch(rrule)
    if whole is None:
        yield "it is not 'DTSTART;TZID=<zone>:<YYYYMMDDTHHMMSS> RRULE:<rule>'."
        return
    if not whole["zone"] and not whole["utc"]:
        yield "DTSTART has no time zone."
    if whole["zone"] and not _is_zone(whole["zone"]):
        yield f"{whole['zone']} is no time zone."
    try:
        datetime.strptime(whole["start"] + "+0000", "%Y%m%dT%H%M%S%z")
    except ValueError:
        yield f"{whole['start']} is no time."
    for rule in whole["rules"].split(" "):
        yield from _rule_problems(rule.removeprefix("RRULE:"))


def _rule_problems(rule: str) -> Iterator[str]:
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    unknown = sorted(set(parts) - _PARTS)
    if unknown:
        yield f"{unknown[0]} is no part of a rule."
    if parts.get("FREQ") not in _FREQUENCIES:
        yield f"FREQ={parts.get('FREQ', '')} is none of {', '.join(_FREQUENCIES)}."
    if not parts.get("INTERVAL", "").isdecimal() or int(parts["INTERVAL"]) < 1:
        yield "INTERVAL is required, 1 or more."
    if "COUNT" in parts and "UNTIL" in parts:
        yield "COUNT and UNTIL exclude each other."
    if "COUNT" in parts and (not parts["COUNT"].isdecimal() or not 1 <= int(parts["COUNT"]) <= _MOST):
        yield f"COUNT is not between 1 and {_MOST}."
    yield from _value_problems(parts)


def _value_problems(parts: Mapping[str, str]) -> Iterator[str]:
    for day in filter(None, parts.get("BYDAY", "").split(",")):
        if day not in _DAYS:
            yield f"BYDAY={day} is no weekday; a number before it is not supported."
    if parts.get("WKST", "MO") not in _DAYS:
        yield f"WKST={parts['WKST']} is no weekday."
    if "UNTIL" in parts and not _is_until(parts["UNTIL"]):
        yield f"UNTIL={parts['UNTIL']} is no time."
    for name, (least, most) in _RANGES.items():
        for number in parts[name].split(",") if name in parts else ():
            if not _is_between(number, least, most):
                yield f"{name}={number} is not between {least} and {most}."


def _is_until(text: str) -> bool:
    if not _UNTIL.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_between(text: str, least: int, most: int) -> bool:
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        return False
    return least >= 0 or int(text) != 0


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
