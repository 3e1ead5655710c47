# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    HostClock,
    read_chrony,
    read_date_header,
    read_date_output,
    read_timesyncd,
)

# 2026-02-27 13:46:40 UTC
NOW = 1_772_200_000.0
# In the order of the fields that the manual of chronyc gives for -c.
TRACKING = (
    "A29FC87B,162.159.200.123,4,1772199800.123456789,0.000012345,-0.000004,0.000061,"
    "-12.3,0.001,0.05,0.012,0.001,64.2,Normal"
)
UNSYNCHRONISED = "7F7F0101,,0,0.000000000,0.000000000,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised"
STATUS = "       Server: 162.159.200.1 (time.cloudflare.com)\n       Offset: -1.203ms\n        Delay: 9.1ms\n"


def test_a_date_header_tells_the_middle_of_its_second() -> None:
    reading = read_date_header("Fri, 27 Feb 2026 13:46:40 GMT", NOW + 0.2, NOW + 0.4)
    assert reading is not None
    assert reading.skew == pytest.approx(0.2)
    assert reading.uncertainty == pytest.approx(0.6)
    assert reading.at_least == 0.0


@pytest.mark.parametrize("ahead", [-7200, 7200])
def test_two_hours_are_certain_up_to_the_uncertainty(ahead: int) -> None:
    text = "Fri, 27 Feb 2026 15:46:40 GMT" if ahead > 0 else "Fri, 27 Feb 2026 11:46:40 GMT"
    reading = read_date_header(text, NOW, NOW + 1, faked=True)
    assert reading is not None
    assert reading.skew == pytest.approx(ahead, abs=0.6)
    assert 7198 < reading.at_least < 7200


@pytest.mark.parametrize(
    "text", ["", "now", "Fri, 27 Foo 2026 13:46:40 GMT", "Fri, 31 Feb 2026 13:46:40 GMT", "2026-02-27T13:46:40Z"]
)
def test_what_is_no_date_is_no_reading(text: str) -> None:
    assert read_date_header(text, NOW, NOW) is None


@pytest.mark.parametrize(
    "text, skew, uncertainty",
    [
        ("1772200000.500000000\n", 0.4, 0.1),
        ("1772200000\n", 0.4, 0.6),
        ("1772200000.%N", 0.4, 0.6),
        ("1772200000.N", 0.4, 0.6),
    ],
)
def test_date_is_read_with_and_without_a_fraction(text: str, skew: float, uncertainty: float) -> None:
    reading = read_date_output(text, NOW, NOW + 0.2)
    assert reading is not None
    assert reading.skew == pytest.approx(skew)
    assert reading.uncertainty == pytest.approx(uncertainty)


@pytest.mark.parametrize("text", ["", "date: not found", "-1", "17722000001772200000"])
def test_other_output_of_date_is_no_reading(text: str) -> None:
    assert read_date_output(text, NOW, NOW) is None


@pytest.mark.parametrize(
    "output, synchronized, offset",
    [
        (TRACKING, True, -0.000012345),
        (UNSYNCHRONISED, False, None),
        ("506 Cannot talk to daemon", None, None),
        (TRACKING.replace("0.000012345", "x"), None, None),
    ],
)
def test_chrony_tells_whether_and_how_far(output: str, synchronized: bool | None, offset: float | None) -> None:
    clock = read_chrony(output)
    assert (clock.source, clock.synchronized, clock.offset) == ("chrony", synchronized, offset)


@pytest.mark.parametrize(
    "shown, status, synchronized, offset",
    [
        ("Timezone=UTC\nNTP=yes\nNTPSynchronized=yes\n", STATUS, True, -0.001203),
        ("NTPSynchronized=yes\n", "Offset: +1min 2.5s\n", True, 62.5),
        ("NTPSynchronized=no\n", "", False, None),
    ],
)
def test_timesyncd_tells_whether_and_how_far(shown: str, status: str, synchronized: bool, offset: float | None) -> None:
    clock = read_timesyncd(shown, status)
    assert (clock.source, clock.synchronized) == ("timesyncd", synchronized)
    assert clock.offset == (None if offset is None else pytest.approx(offset))


def test_without_an_answer_nobody_can_tell() -> None:
    assert read_timesyncd("", "") == HostClock()
    assert HostClock().synchronized is None
