# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from compliance import TODAY, Estate, controls, judged

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.checks import CHECKS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Verdict
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.reading import (
    read_controls,
    read_limits,
    read_ports,
    read_waivers,
)

WAIVER = {"control": "image.pinned", "owner": "ada", "reason": "our mirror is not there yet", "expires": "2026-02-28"}
UNPINNED = Estate(web={"image": "web:latest"})
EVERY_IMAGE = Estate(every_container={"image": "web:latest"})


def waiver(**fields: Any) -> dict[str, Any]:
    return {**WAIVER, **fields}


def test_a_waiver_excuses_its_control_and_says_who_answers_for_it() -> None:
    result = judged(UNPINNED, waivers=[WAIVER])["image.pinned"]

    assert result.verdict is Verdict.WAIVED
    assert result.waiver is not None
    assert (result.waiver.owner, result.waiver.expires) == ("ada", "2026-02-28")


@pytest.mark.parametrize("last", ["2026-02-27", TODAY, datetime(2026, 2, 27, 23, 0)])  # noqa: DTZ001 - as YAML reads it
def test_a_waiver_counts_until_the_end_of_its_last_day(last: object) -> None:
    assert judged(UNPINNED, waivers=[waiver(expires=last)])["image.pinned"].verdict is Verdict.WAIVED


def test_an_expired_waiver_is_a_failure_of_its_control_and_of_its_own() -> None:
    results = judged(UNPINNED, waivers=[waiver(expires=date(2026, 2, 26))])

    assert results["image.pinned"].verdict is Verdict.FAIL
    assert results["compliance.waivers"].verdict is Verdict.FAIL
    assert "by ada expired on 2026-02-26" in results["compliance.waivers"].message
    assert results["image.pinned"].waiver is not None


def test_an_expired_waiver_is_a_failure_also_when_its_control_passes() -> None:
    results = judged(Estate(), waivers=[waiver(expires="2026-02-26")])

    assert results["image.pinned"].verdict is Verdict.PASS
    assert results["compliance.waivers"].verdict is Verdict.FAIL


def test_a_waiver_of_one_service_excuses_no_other() -> None:
    assert judged(UNPINNED, waivers=[waiver(services=["web"])])["image.pinned"].verdict is Verdict.WAIVED
    assert judged(UNPINNED, waivers=[waiver(services=["db"])])["image.pinned"].verdict is Verdict.FAIL
    assert judged(EVERY_IMAGE, waivers=[waiver(services=["web"])])["image.pinned"].verdict is Verdict.FAIL


def test_a_waiver_covers_what_cannot_be_told_as_well() -> None:
    results = judged(Estate(engine_answers=False), waivers=[WAIVER])

    assert results["image.pinned"].verdict is Verdict.WAIVED


@pytest.mark.parametrize(
    "fields, option, remedy",
    [
        ({"control": "image.pined"}, "waivers[0].control", "image.pinned"),
        ({"control": "compliance.waivers"}, "waivers[0].control", "Renew"),
        ({"owner": ""}, "waivers[0].owner", "Give a text"),
        ({"owner": None}, "waivers[0].owner", "Give a text"),
        ({"reason": " "}, "waivers[0].reason", "Give a text"),
        ({"expires": "soon"}, "waivers[0].expires", "2026-12-31"),
        ({"expires": None}, "waivers[0].expires", "2026-12-31"),
        ({"services": "web"}, "waivers[0].services", "Give a list"),
        ({"until": "2026-12-31"}, "waivers[0].until", "Known keys"),
    ],
)
def test_a_waiver_that_is_not_complete_is_an_error_that_names_the_option(
    fields: dict[str, Any], option: str, remedy: str
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_waivers([waiver(**fields)], controls(), TODAY)

    assert option in str(raised.value)
    assert remedy in str(raised.value)


@pytest.mark.parametrize("missing", ["owner", "reason", "expires", "control"])
def test_each_part_of_a_waiver_is_required(missing: str) -> None:
    incomplete = {name: value for name, value in WAIVER.items() if name != missing}

    with pytest.raises(InvalidInputError, match=rf"waivers\[0\]\.{missing}"):
        read_waivers([incomplete], controls(), TODAY)


CONTROL = {
    "id": "acme.health", "title": "Every service answers", "severity": "high", "step": "SC-4", "rationale": "Because.",
    "fix": "See the finding.", "findings": ["http.health"],
}  # fmt: skip


@pytest.mark.parametrize(
    "fields, option",
    [
        ({"severity": "urgent"}, "controls[0].severity"),
        ({"id": "Acme"}, "controls[0].id"),
        ({"title": ""}, "controls[0].title"),
        ({"findings": "http.health"}, "controls[0].findings"),
        ({"check": "image_pinned"}, "controls[0].check"),
        ({"findings": [], "check": "no_such"}, "controls[0].check"),
        ({"findings": []}, "controls[0].check"),
        ({"playbook": "rm -rf"}, "controls[0].playbook"),
        ({"playbook": "remediate_nothing"}, "controls[0].playbook"),
        ({"kind": "servce"}, "controls[0].kind"),
        ({"colour": "red"}, "controls[0].colour"),
    ],
)
def test_a_control_that_cannot_be_used_is_an_error_that_names_the_option(fields: dict[str, Any], option: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read_controls([{**CONTROL, **fields}], CHECKS)

    assert option in str(raised.value)


def test_two_controls_of_one_id_are_an_error() -> None:
    with pytest.raises(InvalidInputError, match=r"controls\[1\]\.id"):
        read_controls([CONTROL, CONTROL], CHECKS)


@pytest.mark.parametrize("limits", [{"backup_age": 5}, {"backup_age_h": 0}, {"backup_age_h": "a day"}])
def test_a_limit_that_cannot_be_used_is_an_error(limits: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=r"limits\.backup_age"):
        read_limits(limits)


@pytest.mark.parametrize("ports", [["80"], [0], [70000], [True]])
def test_a_port_that_cannot_be_used_is_an_error(ports: list[Any]) -> None:
    with pytest.raises(InvalidInputError, match=r"allowed_ports\.web"):
        read_ports({"web": ports})


def test_one_port_may_be_given_without_a_list() -> None:
    assert read_ports({"web": 8080}) == {"web": (8080,)}
