# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Response times by a calendar: time zones, changes of the clock, working hours, holidays, the end of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.calendar import (
    Calendar,
    after_working_time,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.response_times import (
    read_calendar,
    response_seconds,
)

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
NEXT_DAY = {"P4": {"business_days": 1}}


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    "opened, zone, calendar, due",
    [
        pytest.param("2026-02-26T12:00", "UTC", {}, "2026-02-27T17:00", id="Thursday: the end of Friday"),
        pytest.param("2026-02-27T08:00", "UTC", {}, "2026-03-02T17:00", id="Friday: the end of Monday"),
        pytest.param("2026-02-28T03:00", "UTC", {}, "2026-03-02T17:00", id="Saturday: the end of Monday"),
        pytest.param(
            "2026-03-27T12:00", BERLIN, {}, "2026-03-30T17:00", id="over the night in which the clock is put forward"
        ),
        pytest.param(
            "2026-10-23T12:00", BERLIN, {}, "2026-10-26T17:00", id="over the night in which the clock is put back"
        ),
        pytest.param("2026-03-06T12:00", NEW_YORK, {}, "2026-03-09T17:00", id="New York puts it forward earlier"),
        pytest.param(
            "2026-12-30T12:00", BERLIN, {"holidays": ["2026-12-31", "2027-01-01"]}, "2027-01-04T17:00",
            id="the end of the year: two holidays and a weekend",
        ),
        pytest.param(
            "2026-12-31T23:30", "UTC", {"holidays": [date(2027, 1, 1)]}, "2027-01-04T17:00",
            id="a holiday that YAML has read as a date",
        ),
        pytest.param(
            "2026-03-01T12:00", "UTC", {"days": ["sun", "mon", "tue", "wed", "thu"]}, "2026-03-02T17:00",
            id="a week that begins on Sunday",
        ),
        pytest.param("2026-02-26T12:00", "UTC", {"holidays": None}, "2026-02-27T17:00", id="a list that was emptied"),
        pytest.param("2026-02-26T12:00", "UTC", {"hours": ["08:30", "16:30"]}, "2026-02-27T16:30", id="other hours"),
        pytest.param("2026-02-26T12:00", "UTC", {"hours": [540, 1020]}, "2026-02-27T17:00", id="17:00 without quotes"),
        pytest.param("2028-02-28T12:00", "UTC", {}, "2028-02-29T17:00", id="the 29th of February"),
    ],
)  # fmt: skip
def test_a_response_to_a_p4_is_due_at_the_end_of_the_next_business_day(
    opened: str, zone: str, calendar: dict[str, Any], due: str
) -> None:
    now = at(opened, zone)
    seconds = response_seconds(NEXT_DAY, {"time_zone": zone, **calendar}, now)["P4"]
    assert now.timestamp() + seconds == at(due, zone).timestamp()


def test_which_day_it_is_depends_on_the_zone() -> None:
    now = at("2026-02-27T02:00")
    seconds = {zone: response_seconds(NEXT_DAY, {"time_zone": zone}, now)["P4"] for zone in ("UTC", NEW_YORK)}
    # In New York it is still Thursday.
    assert now.timestamp() + seconds[NEW_YORK] == at("2026-02-27T17:00", NEW_YORK).timestamp()
    assert now.timestamp() + seconds["UTC"] == at("2026-03-02T17:00").timestamp()


@pytest.mark.parametrize(
    "opened, due",
    [
        pytest.param("2026-02-26T10:00", "2026-02-26T14:00", id="within the day"),
        pytest.param("2026-02-26T13:00", "2026-02-26T17:00", id="just until the end of the day"),
        pytest.param("2026-02-26T16:00", "2026-02-27T12:00", id="on the next morning"),
        pytest.param("2026-02-27T16:00", "2026-03-02T12:00", id="over the weekend"),
        pytest.param("2026-02-26T03:00", "2026-02-26T13:00", id="opened at night: from the beginning of the day"),
        pytest.param("2026-02-26T22:00", "2026-02-27T13:00", id="opened in the evening: from the next day"),
        pytest.param("2026-02-28T12:00", "2026-03-02T13:00", id="opened on Saturday"),
    ],
)
def test_four_hours_may_pass_only_while_people_work(opened: str, due: str) -> None:
    now = at(opened, BERLIN)
    times = {"P3": {"minutes": 240, "working_hours": True}, "P1": {"minutes": 15}}
    seconds = response_seconds(times, {"time_zone": BERLIN}, now)
    assert now.timestamp() + seconds["P3"] == at(due, BERLIN).timestamp()
    assert seconds["P1"] == 900.0


@pytest.mark.parametrize(
    "opened, due",
    [
        # The hour from 02:00 to 03:00 is left out on the 29th of March, and comes twice on the 25th of October.
        ("2026-03-29T01:30", "2026-03-29T04:30"),
        ("2026-10-25T01:30", "2026-10-25T02:30"),
    ],
)
def test_people_who_work_at_night_work_as_long_as_the_night_really_is(opened: str, due: str) -> None:
    calendar = read_calendar({"time_zone": BERLIN, "hours": ["00:00", "23:59"], "days": ["sat", "sun"]})
    reached = after_working_time(calendar, at(opened, BERLIN), 2 * 3600)
    # fold=1 is the second of the two hours of that name.
    assert reached == at(due, BERLIN).replace(fold=int(due.startswith("2026-10"))).astimezone(UTC)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001, the zone is added below
    st.sampled_from([BERLIN, NEW_YORK, "Asia/Kolkata", "UTC"]),
    st.floats(60, 1e6),
)
def test_working_time_ends_while_people_work_and_never_before_so_much_has_passed(
    moment: datetime, zone: str, seconds: float
) -> None:
    calendar = Calendar(ZoneInfo(zone), holidays=frozenset({date(2026, 12, 25), date(2027, 1, 1)}))
    reached = after_working_time(calendar, moment.replace(tzinfo=ZoneInfo(zone)), seconds)
    local = reached.astimezone(calendar.zone)
    assert calendar.is_business_day(local.date())
    assert calendar.begin <= local.time() <= calendar.end
    assert (reached - moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)).total_seconds() >= seconds - 1e-3


@pytest.mark.parametrize(
    "times, calendar, words",
    [
        ([], {}, "response_times has the value []"),
        ({"P5": {"minutes": 1}}, {}, "response_times.P5"),
        ({"P1": 15}, {}, "response_times.P1 has the value 15"),
        ({"P1": {"minutes": 0}}, {}, "response_times.P1.minutes has the value 0"),
        ({"P1": {"minutes": 15, "business_days": 1}}, {}, "Give minutes, perhaps with working_hours, or business_days"),
        ({"P4": {"business_days": 0}}, {}, "response_times.P4.business_days has the value 0"),
        ({"P3": {"minutes": 9, "working_hours": "false"}}, {}, "P3.working_hours has the value 'false', which cannot"),
        ({"P3": {"minutes": 9, "working_hours": None}}, {}, "response_times.P3.working_hours has the value None"),
        ({"P4": {"business_days": 1, "working_hours": "no"}}, {}, "working_hours has the value 'no'"),
        (NEXT_DAY, {"zone": "UTC"}, "Give a mapping with: time_zone, hours, days, holidays"),
        (NEXT_DAY, {"time_zone": "Mars/Olympus"}, "calendar.time_zone has the value 'Mars/Olympus'"),
        (NEXT_DAY, {"time_zone": 5}, "calendar.time_zone has the value 5"),
        (NEXT_DAY, {"hours": ["17:00", "09:00"]}, "calendar.hours"),
        (NEXT_DAY, {"hours": ["9"]}, "calendar.hours"),
        (NEXT_DAY, {"hours": ["nine", "five"]}, "calendar.hours"),
        (NEXT_DAY, {"hours": ["09:00+02:00", "17:00"]}, "calendar.hours has the value ['09:00+02:00', '17:00']"),
        (NEXT_DAY, {"hours": ["09:00Z", "17:00Z"]}, "on the clock of the time_zone"),
        (NEXT_DAY, {"hours": 9}, "calendar.hours has the value 9"),
        (NEXT_DAY, {"days": ["monday"]}, "calendar.days"),
        (NEXT_DAY, {"days": []}, "calendar.days"),
        (NEXT_DAY, {"holidays": ["2026-12-25", "christmas"]}, "calendar.holidays[1] has the value 'christmas'"),
        (NEXT_DAY, {"holidays": 5}, "calendar.holidays has the value 5, which cannot be used. Give a list of days"),
        (NEXT_DAY, {"holidays": "2026-12-25"}, "calendar.holidays has the value '2026-12-25'"),
        (NEXT_DAY, {"holidays": [datetime(2026, 12, 25, 1)]}, "calendar.holidays[0]"),  # noqa: DTZ001, as YAML reads it
    ],
)
def test_what_cannot_be_used_is_named(times: Any, calendar: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        response_seconds(times, calendar, at("2026-02-26T12:00"))
    assert words in str(raised.value)


def test_a_calendar_without_a_business_day_is_refused() -> None:
    holidays = [date.fromordinal(date(2026, 2, 26).toordinal() + number) for number in range(400)]
    with pytest.raises(InvalidInputError, match="There is no business day within a year"):
        response_seconds(NEXT_DAY, {"holidays": holidays}, at("2026-02-26T12:00"))
