# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Working time: which day is a business day, and when some of it has passed. Pure; the time zone is handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

_LONGEST = 366
"""A calendar without a business day in a year has none."""


@dataclass(frozen=True)
class Calendar:
    """When people work.

    :param zone: in which ``begin`` and ``end`` are meant; across a change of daylight saving time they stay the same
        on the clock of the wall.
    :param days: weekdays that are worked on, Monday is 0.
    :param holidays: days that are not, whatever the weekday.
    """

    zone: tzinfo
    begin: time = time(9)
    end: time = time(17)
    days: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """True when people work on that day."""
        return day.weekday() in self.days and day not in self.holidays


def end_of_business_day(calendar: Calendar, moment: datetime, days: int = 1) -> datetime:
    """When work ends on that many business days after the day of the moment.

    :param moment: aware of its zone.
    :raises ValueError: the calendar has no business day within a year.
    """
    day = moment.astimezone(calendar.zone).date()
    for _unused in range(days):
        day = _next_business_day(calendar, day)
    return datetime.combine(day, calendar.end, tzinfo=calendar.zone)


def after_working_time(calendar: Calendar, moment: datetime, seconds: float) -> datetime:
    """When people will have worked that many seconds after the moment.

    :param moment: aware of its zone. Outside the hours nothing passes: it counts from the next beginning.
    :raises ValueError: the calendar has no business day within a year.
    """
    left = timedelta(seconds=seconds)
    day = moment.astimezone(calendar.zone).date()
    if not calendar.is_business_day(day):
        day = _next_business_day(calendar, day)
    while True:
        # In UTC: a difference of two times of one zone would forget the hour that a change of the clock gives or takes.
        begin = max(_utc(datetime.combine(day, calendar.begin, tzinfo=calendar.zone)), _utc(moment))
        end = _utc(datetime.combine(day, calendar.end, tzinfo=calendar.zone))
        if begin + left <= end:
            return begin + left
        left -= max(end - begin, timedelta())
        day = _next_business_day(calendar, day)


def _next_business_day(calendar: Calendar, day: date) -> date:
    for _unused in range(_LONGEST):
        day += timedelta(days=1)
        if calendar.is_business_day(day):
            return day
    raise ValueError("no business day within a year")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc)
