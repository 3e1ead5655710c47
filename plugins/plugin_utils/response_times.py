# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory's words on response times and working hours, as the calendar needs them. On the controller only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.calendar import (
    Calendar,
    after_working_time,
    end_of_business_day,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import LEVELS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CALENDAR_KEYS = ("time_zone", "hours", "days", "holidays")
_TIME_KEYS = ("minutes", "business_days", "working_hours")


def response_seconds(times: object, calendar: object, now: datetime | None = None) -> dict[str, float]:
    """Seconds from now until somebody has to have responded, by severity.

    :param times: severity -> ``minutes`` (counted in working hours only when ``working_hours`` is true) or
        ``business_days`` (until the end of that business day).
    :param calendar: ``time_zone``, ``hours`` (begin and end), ``days`` and ``holidays``, each optional.
    :raises InvalidInputError: names the key that is wrong.
    """
    if not isinstance(times, Mapping):
        raise InvalidInputError("response_times", times, remedy=f"Give a mapping of {', '.join(LEVELS)}.")
    working = read_calendar(calendar)
    # In UTC: the difference of two times of one zone would forget a change of the clock between them.
    moment = (datetime.now(UTC) if now is None else now).astimezone(UTC)
    try:
        return {str(level): _seconds(level, data, working, moment) for level, data in times.items()}
    except ValueError as error:
        raise InvalidInputError("calendar", calendar, remedy=f"There is {error}.") from error


def _seconds(level: object, data: object, calendar: Calendar, now: datetime) -> float:
    option = f"response_times.{level}"
    if level not in LEVELS:
        raise InvalidInputError(option, data, remedy=f"Use: {', '.join(LEVELS)}.")
    if not isinstance(data, Mapping) or set(data) - set(_TIME_KEYS) or ("minutes" in data) == ("business_days" in data):
        raise InvalidInputError(option, data, remedy="Give minutes, perhaps with working_hours, or business_days.")
    in_hours = data.get("working_hours", False)
    if not isinstance(in_hours, bool):
        raise InvalidInputError(f"{option}.working_hours", in_hours, remedy="Use true or false.")
    if "business_days" in data:
        days = data["business_days"]
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 366:
            raise InvalidInputError(f"{option}.business_days", days, remedy="Give a whole number from 1 to 366.")
        return (end_of_business_day(calendar, now, days) - now).total_seconds()
    minutes = data["minutes"]
    if isinstance(minutes, bool) or not isinstance(minutes, (int, float)) or not 0 < minutes <= 525_600:
        raise InvalidInputError(f"{option}.minutes", minutes, remedy="Give a number above zero, at most a year.")
    if in_hours:
        return (after_working_time(calendar, now, minutes * 60) - now).total_seconds()
    return float(minutes * 60)


def read_calendar(data: object) -> Calendar:
    """:raises InvalidInputError: names the key that is wrong."""
    if not isinstance(data, Mapping) or set(data) - set(_CALENDAR_KEYS):
        raise InvalidInputError("calendar", data, remedy=f"Give a mapping with: {', '.join(_CALENDAR_KEYS)}.")
    begin, end = _hours(data.get("hours", ["09:00", "17:00"]))
    return Calendar(
        zone=_zone(data.get("time_zone", "UTC")),
        begin=begin,
        end=end,
        days=_days(data.get("days", list(DAYS[:5]))),
        holidays=_holidays(data.get("holidays")),
    )


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        remedy = "Give a name such as Europe/Berlin; the controller needs the time zones (tzdata)."
        raise InvalidInputError("calendar.time_zone", name, remedy=remedy) from None


def _hours(data: object) -> tuple[time, time]:
    remedy = "Give the begin and the end of work on the clock of the time_zone, for example ['09:00', '17:00']."
    if not isinstance(data, (list, tuple)) or len(data) != 2:
        raise InvalidInputError("calendar.hours", data, remedy=remedy)
    begin, end = (_time(one) for one in data)
    if begin is None or end is None or begin >= end:
        raise InvalidInputError("calendar.hours", data, remedy=remedy)
    return begin, end


def _time(value: object) -> time | None:
    # YAML reads 17:00 without quotes as the number 1020, minutes in base 60.
    if isinstance(value, int) and not isinstance(value, bool):
        return time(value // 60, value % 60) if 0 <= value < 24 * 60 else None
    try:
        found = time.fromisoformat(str(value))
    except ValueError:
        return None
    # The zone is an option of its own; a time with another one cannot even be compared.
    return found if found.tzinfo is None else None


def _days(data: object) -> frozenset[int]:
    if isinstance(data, (list, tuple)) and data and all(day in DAYS for day in data):
        return frozenset(DAYS.index(day) for day in data)
    raise InvalidInputError("calendar.days", data, remedy=f"Give a list of: {', '.join(DAYS)}.")


def _holidays(data: object) -> frozenset[date]:
    # A key without a value is what YAML makes of a list whose last line was taken out.
    days = [] if data is None else data
    if not isinstance(days, (list, tuple)):
        raise InvalidInputError("calendar.holidays", data, remedy="Give a list of days such as [2026-12-25].")
    return frozenset(_date(one, number) for number, one in enumerate(days))


def _date(value: object, number: int) -> date:
    # With a time of day it would be equal to no day: it is refused like any other text.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        remedy = "Give days such as 2026-12-25."
        raise InvalidInputError(f"calendar.holidays[{number}]", value, remedy=remedy) from None
