# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole look at a platform's tokens, against services that verify them for real."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_trust import GOOD, OTHER, PASSWORD, Compose, FakeTrust, Verifier, trust

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import FORGED, TrustFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.token import judge_trust
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_trust import (
    TrustLook,
    probe_trust,
)

THREE = {"users": Verifier(3001), "orders": Verifier(3002), "reports": Verifier(3003)}
FILES = Compose(dict.fromkeys(THREE, GOOD))


def look(platform: FakeTrust, scene: Scene, **changes: Any) -> TrustFacts:
    wanted = TrustLook(scene, platform.means, "users", scene.settings_of("users").token)
    facts = probe_trust(replace(wanted, **changes))
    said = json.dumps([facts.to_data(), dict(facts.sample), [one.to_data() for one in judged(facts).values()]])
    for secret in (GOOD, OTHER, PASSWORD, *platform.shown):
        assert secret not in said
    return facts


def judged(facts: TrustFacts) -> dict[str, Finding]:
    return {finding.id: finding for finding in judge_trust(facts, Thresholds())}


def critical(facts: TrustFacts) -> dict[str, tuple[str, ...]]:
    return {name: finding.targets for name, finding in judged(facts).items() if finding.status is Status.CRITICAL}


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return str(path)


def test_a_sound_platform_accepts_the_issued_token_and_refuses_every_forged_one(password_file: str) -> None:
    facts = look(*trust(THREE, FILES, password_file=password_file))

    assert (facts.login.state, facts.login.lifetime, facts.shown) == ("ok", 3600.0, "issued")
    assert critical(facts) == {}
    assert {name: {answer.verdict for answer in row.values()} for name, row in facts.matrix.items()} == {
        "issued": {"accepted"},
        **{token: {"refused"} for token in FORGED},
    }
    assert {answer.reason for answer in facts.matrix["expired"].values()} == {"expired"}
    assert {answer.reason for answer in facts.matrix["tampered"].values()} == {"signature"}
    assert {answer.reason for answer in facts.matrix["unsigned"].values()} == {"algorithm"}
    assert set(facts.sample) == {"secrets", "proved", "forged_at"}


def test_forged_tokens_are_not_shown_again_to_the_same_containers(password_file: str) -> None:
    platform, scene = trust(THREE, FILES, password_file=password_file)
    first = look(platform, scene)
    platform.shown.clear()

    second = look(platform, scene, recorded=first.sample["secrets"], proved=first.sample["proved"])

    assert len(platform.shown) == len(THREE)
    assert judged(second)["token.forged"].status is Status.OK
    assert second.sample == {}


def test_a_look_that_shall_not_forge_shows_no_forged_token_and_says_so(password_file: str) -> None:
    platform, scene = trust(THREE, FILES, password_file=password_file)

    facts = look(platform, scene, forging=False)

    assert len(platform.shown) == len(THREE)
    assert judged(facts)["token.forged"].status is Status.NOT_CONFIGURED
    assert "proved" not in facts.sample


def test_a_thorough_look_shows_them_always(password_file: str) -> None:
    platform, scene = trust(THREE, FILES, password_file=password_file)
    proved = str(look(platform, scene).sample["proved"])
    platform.shown.clear()

    facts = look(platform, scene, proved=proved, thorough=True)

    assert len(platform.shown) == len(THREE) * (1 + len(FORGED))
    assert not facts.forged_before


def test_without_a_log_in_a_token_is_signed_here_with_the_issuers_secret() -> None:
    facts = look(*trust(THREE, FILES))

    assert (facts.login.state, facts.shown) == ("not_configured", "signed")
    assert judged(facts)["token.accepted"].status is Status.OK


def test_where_probes_that_log_in_are_switched_off_nobody_does(password_file: str) -> None:
    facts = look(*trust(THREE, FILES, password_file=password_file), writing=False)

    assert (facts.login.state, facts.shown) == ("skipped", "signed")
    assert critical(facts) == {}


@pytest.mark.parametrize(
    "changes, odd, said",
    [
        ({"reports": OTHER}, ("reports",), "another value"),
        ({"reports": GOOD + "\n"}, ("reports",), "the right one with a newline at its end"),
        ({"reports": f'"{GOOD}"'}, ("reports",), "the right one with quotes around it"),
        ({"reports": OTHER, "orders": OTHER}, ("orders", "reports"), "another value"),
        ({"users": OTHER}, ("users",), "another value"),
        ({"reports": ""}, ("reports",), "it has none"),
        ({"reports": "(absent)"}, ("reports",), "it has none"),
    ],
)
def test_the_odd_one_out_is_who_differs_from_the_compose_files(
    changes: dict[str, str], odd: tuple[str, ...], said: str
) -> None:
    verifiers = {name: replace(one, secret=changes.get(name, one.secret)) for name, one in THREE.items()}
    facts = look(*trust(verifiers, FILES))

    found = judged(facts)
    assert critical(facts)["secret.odd_one_out"] == odd
    assert said in found["secret.odd_one_out"].evidence[0]
    assert "its container was made" in found["secret.odd_one_out"].evidence[0] or changes[odd[0]] == "(absent)"
    assert found["secret.equal"].status is Status.CRITICAL
    assert "secrets" not in facts.sample


def test_without_compose_files_the_majority_is_not_taken_for_right() -> None:
    verifiers = {**THREE, "reports": Verifier(3003, OTHER)}
    facts = look(*trust(verifiers, Compose({}, error="the file is gone")))

    assert "secret.odd_one_out" not in critical(facts)
    assert critical(facts)["secret.equal"] == ("orders", "reports", "users")
    assert "the file is gone" in judged(facts)["secret.odd_one_out"].message


def test_the_odd_one_refuses_the_token_and_says_why(password_file: str) -> None:
    verifiers = {**THREE, "reports": Verifier(3003, OTHER)}
    facts = look(*trust(verifiers, FILES, password_file=password_file))

    accepted = judged(facts)["token.accepted"]
    assert (accepted.status, accepted.value, accepted.limit) == (Status.CRITICAL, 2, 3)
    assert "reports refuses it (signature)" in accepted.message
    assert "token.forged" not in critical(facts)


@pytest.mark.parametrize("ahead, reason", [(7200.0, "not_yet_valid"), (-7200.0, "expired")])
def test_an_issuer_whose_clock_is_off_is_told_by_its_date_header(ahead: float, reason: str, password_file: str) -> None:
    verifiers = {**THREE, "users": Verifier(3001, ahead=ahead, variables={"FAKETIME": "2h"})}
    facts = look(*trust(verifiers, FILES, password_file=password_file))

    assert critical(facts)["clock.faked"] == ("users",)
    assert judged(facts)["clock.skew"].value == pytest.approx(ahead, abs=1.0)
    assert facts.matrix["issued"]["reports"].reason == reason


def test_a_clock_that_nobody_fakes_is_not_healed_by_a_recreate() -> None:
    facts = look(*trust({**THREE, "orders": Verifier(3002, ahead=-100.0)}, FILES))

    assert "clock.skew" in critical(facts)
    assert "clock.faked" not in judged(facts)


@pytest.mark.parametrize(
    "ttl, status", [(1, Status.CRITICAL), (60, Status.OK), (86400, Status.OK), (864000, Status.WARNING)]
)
def test_the_measured_lifetime_decides(ttl: int, status: Status, password_file: str) -> None:
    facts = look(*trust({**THREE, "users": Verifier(3001, ttl=ttl)}, FILES, password_file=password_file))

    assert judged(facts)["token.lifetime"].status is status


@pytest.mark.parametrize(
    "ttl, writing, found",
    [
        pytest.param("1", False, Status.CRITICAL, id="nobody may log in, as under check mode"),
        pytest.param("3600", False, None, id="it is configured well"),
        pytest.param("1", True, Status.OK, id="the measured lifetime decides where there is one"),
    ],
)
def test_where_nobody_may_log_in_the_configured_lifetime_is_held_against_the_limit(
    ttl: str, writing: bool, found: Status | None, password_file: str
) -> None:
    verifiers = {**THREE, "users": Verifier(3001, variables={"TOKEN_TTL": ttl})}
    facts = look(*trust(verifiers, FILES, password_file=password_file), writing=writing)

    lifetime = judged(facts).get("token.lifetime")
    assert (None if lifetime is None else lifetime.status) is found


def test_different_expiry_settings_are_a_warning_with_the_values() -> None:
    verifiers = {
        "users": Verifier(3001, variables={"TOKEN_TTL": "1", "JWT_TOKEN": "secret-value-1"}),
        "orders": Verifier(3002, variables={"TOKEN_TTL": "3600"}),
    }
    facts = look(*trust(verifiers, Compose(dict.fromkeys(verifiers, GOOD))))

    assert facts.lifetimes == {"users": {"TOKEN_TTL": "1"}, "orders": {"TOKEN_TTL": "3600"}}
    assert judged(facts)["token.expiry"].status is Status.WARNING


def test_a_service_that_takes_forged_tokens_is_a_security_incident(password_file: str) -> None:
    facts = look(*trust({**THREE, "orders": Verifier(3002, gullible=True)}, FILES, password_file=password_file))

    forged = judged(facts)["token.forged"]
    assert forged.status is Status.CRITICAL
    assert forged.message.startswith("SECURITY INCIDENT: orders accepted")
    assert len(forged.evidence) == len(FORGED)
    assert "proved" not in facts.sample


def test_a_silent_service_is_a_warning_and_is_not_asked_again(password_file: str) -> None:
    platform, scene = trust({**THREE, "orders": Verifier(3002, silent=True)}, FILES, password_file=password_file)
    facts = look(platform, scene, thorough=True)

    assert judged(facts)["token.accepted"].status is Status.WARNING
    assert len(platform.shown) == 1 + 2 * (1 + len(FORGED))


@pytest.mark.parametrize(
    "users, finding, status",
    [
        (Verifier(3001, login_status=500), "token.login", Status.CRITICAL),
        (Verifier(3001, login_status=401), "token.credentials", Status.CRITICAL),
        (Verifier(3001, silent=True), "token.login", Status.CRITICAL),
    ],
)
def test_a_failed_log_in_tells_a_wrong_password_from_a_sick_service(
    users: Verifier, finding: str, status: Status, password_file: str
) -> None:
    facts = look(*trust({**THREE, "users": users}, FILES, password_file=password_file))

    assert judged(facts)[finding].status is status


def test_a_password_that_cannot_be_read_is_unknown_not_ok(tmp_path: Path) -> None:
    facts = look(*trust(THREE, FILES, password_file=str(tmp_path / "none")))

    assert judged(facts)["token.credentials"].status is Status.UNKNOWN


def test_a_change_of_the_source_that_nobody_recorded_is_a_security_incident() -> None:
    before = look(*trust(THREE, FILES)).sample["secrets"]
    verifiers = {name: replace(one, secret=OTHER) for name, one in THREE.items()}

    facts = look(*trust(verifiers, Compose(dict.fromkeys(THREE, OTHER))), recorded=before)

    found = judged(facts)["secret.unexplained_change"]
    assert (found.status, found.targets) == (Status.CRITICAL, ("orders", "reports", "users"))
    assert found.evidence[0].startswith("Compose files: was ")
    assert "secrets" not in facts.sample


def test_a_changed_container_with_an_unchanged_source_is_put_back_and_told_of() -> None:
    before = look(*trust(THREE, FILES)).sample["secrets"]

    facts = look(*trust({**THREE, "reports": Verifier(3003, OTHER)}, FILES), recorded=before)

    assert judged(facts)["secret.unexplained_change"].status is Status.OK
    assert judged(facts)["secret.changed"].status is Status.WARNING
    assert critical(facts)["secret.odd_one_out"] == ("reports",)


@pytest.mark.parametrize("is_noted", [False, True], ids=["killed before it was noted", "noted"])
def test_a_rotation_that_was_killed_before_the_services_were_recreated_is_trouble(is_noted: bool) -> None:
    before = look(*trust(THREE, FILES)).sample["secrets"]
    rotated = Compose(dict.fromkeys(THREE, OTHER))
    new = look(*trust(THREE, rotated)).secrets.source
    noted = {"source": new, "running": dict.fromkeys(THREE, new)}
    after = {**(noted if is_noted else before), "next": new}

    facts = look(*trust(THREE, rotated), recorded=after)

    assert critical(facts) == {"secret.odd_one_out": ("orders", "reports", "users")}
    assert "secrets" not in facts.sample
    # Without a record of that, it is somebody who has edited the file.
    assert critical(look(*trust(THREE, rotated))) == {}


def test_what_a_person_gave_all_services_beside_the_files_is_not_taken_back() -> None:
    before = look(*trust(THREE, FILES)).sample["secrets"]
    others = {name: replace(verifier, secret=OTHER) for name, verifier in THREE.items()}

    given = look(*trust(others, FILES), recorded=before)

    assert critical(given) == {}
    differs = judged(given)["secret.source_differs"]
    assert differs.status is Status.WARNING
    assert "the next recreate of a single service would break its tokens" in differs.message


def test_the_mark_of_a_rotation_goes_with_the_first_look_that_finds_everybody_rotated() -> None:
    now = look(*trust(THREE, FILES)).sample["secrets"]

    assert look(*trust(THREE, FILES), recorded={**now, "next": now["source"]}).sample["secrets"] == now


def test_a_rotation_that_was_killed_before_it_wrote_the_file_has_changed_nothing() -> None:
    before = look(*trust(THREE, FILES)).sample["secrets"]

    assert critical(look(*trust(THREE, FILES), recorded={**before, "next": "of the new one"})) == {}


def test_a_change_without_any_source_of_truth_is_a_security_incident() -> None:
    before = look(*trust(THREE, Compose({}))).sample["secrets"]

    facts = look(*trust({**THREE, "reports": Verifier(3003, OTHER)}, Compose({})), recorded=before)

    assert "secret.unexplained_change" in critical(facts)


def test_without_a_key_values_are_compared_and_a_key_is_asked_for() -> None:
    first, second = (look(*trust(THREE, FILES, key=None)) for _look in range(2))

    assert first.sample == {"fingerprint_key": "wanted"}
    assert judged(first)["secret.equal"].status is Status.OK
    assert first.secrets.values != second.secrets.values
    assert "token.forged" not in critical(first)


@pytest.mark.parametrize(
    "value, finding", [("changeme", "secret.weak"), ("x" * 31, "secret.weak"), (GOOD + " ", "secret.stray")]
)
def test_a_secret_that_all_share_can_still_be_bad(value: str, finding: str) -> None:
    verifiers = {name: replace(one, secret=value) for name, one in THREE.items()}

    facts = look(*trust(verifiers, Compose(dict.fromkeys(THREE, value))))

    assert judged(facts)[finding].status is Status.WARNING
    assert critical(facts) == {}


def test_a_platform_without_such_a_secret_has_none_to_compare() -> None:
    verifiers = {"users": Verifier(3001, told="(absent)")}
    facts = look(*trust(verifiers))

    assert judged(facts)["secret.equal"].status is Status.NOT_CONFIGURED
    assert facts.sample == {}
