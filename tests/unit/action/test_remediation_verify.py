# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until it is healed: on a clock that the test holds, without sleeping."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest
from action_harness import HOST, Answer, Script, run_action
from ansible.errors import AnsibleActionSkip, AnsibleConnectionFailure
from findings import critical, fine
from observations import observation, service

from ansible_collections.agentfoundry.incident_response.plugins.action.remediation_verify import ActionModule

GOOD = observation(fine("model_server.canary"))
BAD = observation(critical("model_server.canary", message="The canary does not answer."))
AGAIN = observation(
    fine("model_server.canary"), services={"model-server": service("model_server", started_at="2026-03-01T08:01:00Z")}
)
NO_ENGINE = observation(
    critical("engine.answers", "", message="Docker does not answer."), services={}, engine_answers=False
)
NOT_OBSERVED = "Whether it is healed cannot be observed:"
LEASE = {"state_dir": "/srv/state", "platform": "shop", "token": "secret-token", "ttl": 30}
KEPT = {"changed": False, "lease": {"expires_in": 30}, "refused": None}
OPTIONS: dict[str, Any] = {
    "observe": {"project": "shop", "services": {}},
    "services": ["model-server"],
    "stability": 10,
    "deadline": 60,
}


def verify(looks: Iterable[Answer], script: Script | None = None, **options: Any) -> tuple[dict[str, Any], Script]:
    script = script or Script({"platform_info": looks, "guard": [KEPT]})
    return run_action(ActionModule, {**OPTIONS, **options}, script), script


def test_it_is_healed_when_it_stayed_so_for_the_window() -> None:
    result, script = verify([BAD, BAD, GOOD])

    assert result["healed"] is True
    assert result["changed"] is False
    assert result["restored_after"] == 4.0
    assert result["waited"] == 14.0
    assert result["message"] == "healed and stable for 10 s"
    assert result["observed"] == GOOD
    assert len(script.called("platform_info")) == 8
    assert set(script.slept) == {2.0}


def test_it_hands_on_what_each_look_measured_of_the_findings_that_are_followed() -> None:
    slow = observation(critical("model_server.canary", value=5000.0, limit=1000.0, unit="ms"))
    quick = observation(
        fine("model_server.canary", value=12.0, limit=1000.0, unit="ms"), fine("model_server.memory", value=3.0)
    )

    result, _script = verify([slow, quick], stability=4, follow=["model_server.canary"])

    assert [look["ago"] for look in result["looks"]] == [6.0, 4.0, 2.0, 0.0]
    assert result["stable_for"] == 4.0
    assert [[seen["value"] for seen in look["findings"]] for look in result["looks"]] == [
        [5000.0],
        [12.0],
        [12.0],
        [12.0],
    ]
    assert set(result["looks"][0]["findings"][0]) == {"id", "service", "status", "value", "limit", "unit"}


@pytest.mark.parametrize(
    "looks, message",
    [
        pytest.param([BAD], "The canary does not answer.", id="never healed"),
        pytest.param([BAD, GOOD] * 40, "The canary does not answer.", id="healed and ill in turn"),
        pytest.param([GOOD, AGAIN] * 40, "a container was started anew during the stability window", id="restarting"),
        pytest.param([NO_ENGINE], "Docker does not answer.", id="no engine"),
    ],
)
def test_it_is_not_healed_when_the_deadline_finds_it(looks: list[Answer], message: str) -> None:
    result, _script = verify(looks)

    assert result["healed"] is False
    assert "failed" not in result
    assert result["message"] == message
    assert result["restored_after"] is None
    assert 60 <= result["waited"] <= 64


BOTH = {"model-server": service("model_server"), "mail": service("http")}
MAIL_DOWN = observation(
    fine("model_server.canary"), critical("container.state", "mail", message="mail has stopped."), services=BOTH
)
ALL_DOWN = observation(
    critical("model_server.canary", message="The canary does not answer."),
    critical("container.state", "mail", message="mail has stopped."),
    services=BOTH,
)
ALL_WELL = observation(fine("model_server.canary"), services=BOTH)


@pytest.mark.parametrize(
    "looks, healed, waited, message",
    [
        pytest.param(
            [ALL_DOWN, MAIL_DOWN], True, 12.0, "healed and stable for 10 s. Next: mail has stopped.",
            id="it goes on to the later one as soon as its own is stable",
        ),
        pytest.param([ALL_WELL], True, 10.0, "healed and stable for 10 s", id="all are well at once"),
        pytest.param(
            [MAIL_DOWN, MAIL_DOWN, MAIL_DOWN, ALL_WELL], True, 16.0, "healed and stable for 16 s",
            id="a later one that got well by itself must stay so as well",
        ),
        pytest.param(
            [MAIL_DOWN, ALL_WELL, ALL_WELL, ALL_WELL, ALL_WELL, ALL_WELL, MAIL_DOWN], True, 12.0,
            "healed and stable for 12 s. Next: mail has stopped.",
            id="a later one that did not stay well",
        ),
        pytest.param([ALL_DOWN], False, 60.0, "The canary does not answer.", id="its own is never well"),
    ],
)  # fmt: skip
def test_of_one_that_has_a_step_of_its_own_to_come_the_trouble_is_not_waited_for(
    looks: list[Answer], healed: bool, waited: float, message: str
) -> None:
    result, _script = verify(looks, later=["mail"])

    assert (result["healed"], result["waited"], result["message"]) == (healed, waited, message)


def test_it_ends_when_its_run_was_killed_and_renews_no_lease_that_nobody_holds_any_more() -> None:
    gone = iter([False, True])

    class Orphaned(ActionModule):
        run_is_gone = staticmethod(lambda: next(gone))

    script = Script({"platform_info": [BAD], "guard": [KEPT]})
    result = run_action(Orphaned, {**OPTIONS, "lease": {**LEASE, "ttl": 3}}, script)

    assert (result["failed"], result["msg"]) == (True, "The run that this verification belongs to was ended.")
    assert len(script.called("platform_info")) == len(script.called("guard")) == 2


def test_restored_counts_from_the_beginning_of_the_action() -> None:
    result, _script = verify([BAD, GOOD], since=990.0)

    assert result["restored_after"] == 12.0


def test_the_lease_is_renewed_after_the_first_look_and_then_in_time() -> None:
    script = Script({"platform_info": [GOOD], "guard": [KEPT]}, takes=0.5)
    result, script = verify([], script, lease=LEASE, stability=60)

    renewed = [call.at for call in script.called("guard")]

    assert result["healed"] is True
    assert renewed[0] == 1000.5
    assert len(renewed) > 3
    assert max(later - earlier for earlier, later in itertools.pairwise(renewed)) < 30 / 2
    assert script.called("guard")[0].arguments == {
        "phase": "renew",
        "state_dir": "/srv/state",
        "platform": "shop",
        "token": "secret-token",
        "lease_ttl": 30,
    }


@pytest.mark.parametrize("lease", [None, {}])
def test_without_a_lease_nothing_is_renewed(lease: dict[str, Any] | None) -> None:
    _result, script = verify([GOOD], lease=lease)

    assert script.called("guard") == []


@pytest.mark.parametrize(
    "answer, message",
    [
        (
            {
                "changed": False,
                "refused": {"rule": "lease", "message": "The lease is lost.", "remedy": "Run it again."},
            },
            "The lease is lost. Run it again.",
        ),
        ({"failed": True, "msg": "The disk is full."}, "The lease cannot be renewed: The disk is full."),
        ({"failed": True}, "The lease cannot be renewed: the module gave no reason."),
        (
            AnsibleConnectionFailure("timed out"),
            f"Whether it is healed cannot be told: {HOST} cannot be reached any more. timed out",
        ),
    ],
)
def test_without_its_lease_a_run_does_not_go_on(answer: Answer, message: str) -> None:
    script = Script({"platform_info": [BAD], "guard": [KEPT, answer]})
    result, script = verify([], script, lease=LEASE)

    assert result["failed"] is True
    assert result["msg"] == message
    assert len(script.called("guard")) == 2
    assert "secret-token" not in str(result)


@pytest.mark.parametrize(
    "answer, message",
    [
        ({"failed": True, "msg": "No Python\nfound."}, f"{NOT_OBSERVED} No Python found."),
        ({"failed": True}, f"{NOT_OBSERVED} the module gave no reason."),
        (
            {"unreachable": True, "msg": "Lost."},
            f"Whether it is healed cannot be told: {HOST} cannot be reached any more. {NOT_OBSERVED} Lost.",
        ),
        (
            AnsibleConnectionFailure("Lost."),
            f"Whether it is healed cannot be told: {HOST} cannot be reached any more. Lost.",
        ),
    ],
)
def test_a_host_that_gives_no_observation_fails_the_task_so_that_the_flow_can_rescue(
    answer: Answer, message: str
) -> None:
    result, _script = verify([BAD, answer])

    assert result["failed"] is True
    assert "unreachable" not in result
    assert result["msg"] == message


@pytest.mark.parametrize(
    "option, value",
    [
        ("services", []),
        ("stability", -1),
        ("stability", "nan"),
        ("deadline", -5),
        ("deadline", "inf"),
        ("interval", 0),
        ("interval", -2),
        ("progress_interval", -1),
    ],
)
def test_an_option_that_would_end_in_a_lie_or_never_is_refused(option: str, value: Any) -> None:
    result, script = verify([GOOD], **{option: value})

    assert result["failed"] is True
    assert result["msg"].startswith(f"{option} has the value ")
    assert script.calls == []


@pytest.mark.parametrize("key", sorted(LEASE))
def test_a_lease_that_lacks_something_is_refused_without_showing_its_token(key: str) -> None:
    result, script = verify([GOOD], lease={name: value for name, value in LEASE.items() if name != key})

    assert result["msg"] == f"lease has no {key}. It needs state_dir, platform, token, ttl."
    assert script.calls == []


def test_an_expectation_that_is_no_jmespath_fails_before_anything_runs() -> None:
    result, script = verify([GOOD], observe={"services": {"auth": {"health": {"expect": "a ="}}}})

    assert result["msg"].startswith("services.auth.health.expect has the value 'a ='")
    assert script.calls == []


def test_it_says_what_it_waits_for_when_that_changes_and_from_time_to_time(capsys: pytest.CaptureFixture[str]) -> None:
    verify([*[BAD] * 8, GOOD], progress_interval=10)

    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        f"... [{HOST}] 0 s: The canary does not answer.",
        f"... [{HOST}] 10 s: The canary does not answer.",
        f"... [{HOST}] 16 s: healed, stable for 0 of 10 s",
    ]


def test_check_mode_skips_it() -> None:
    with pytest.raises(AnsibleActionSkip):
        run_action(ActionModule, OPTIONS, Script({"platform_info": [GOOD]}), check_mode=True)
