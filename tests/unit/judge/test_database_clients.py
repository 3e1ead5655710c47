# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from findings import critical, fine, warning
from service_facts import NOW, container, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ServiceFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
    Rejection,
    Session,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.database_clients import (
    REFUSED,
    blame_clients,
)

REJECTED = critical("postgres.authentication", "db", message="db rejected clients.", evidence=("FATAL: ...",))
WEB = Rejection("app", "web", count=3, first_age=30.0, last_age=2.0)
JOBS = replace(WEB, service="jobs", user="worker")
FACTS = PostgresFacts("db", "running", Answer.OK, rejections=(WEB,))
WELL = fine("http.health", "jobs")
DRIFT = warning("container.config_drift", "web")
CHANGED = warning("crash.config_changed", "web")
MAY_BE_EITHER = "Correct the password in the configuration of web and recreate it, or that of the user in the database."
HAS_CHANGED = "The configuration of web has changed: correct the password in it and recreate web."
IS_DRIFTED = "Recreate web from the Compose files: it does not bear their configuration."


def facts_of(name: str, **fields: Any) -> ServiceFacts:
    return replace(service(container(name), depends_on=("db",)), service=name, **fields)


SERVICES = {name: facts_of(name) for name in ("web", "jobs", "mail")}


def blamed(
    *findings: Finding, facts: PostgresFacts = FACTS, services: dict[str, ServiceFacts] | None = None
) -> tuple[Finding, list[Finding]]:
    """Return what became of the finding of the database, and those about the services."""
    found = blame_clients([REJECTED, *findings], SERVICES | (services or {}), {"db": facts}, NOW)
    (about,) = (one for one in found if one.id == REJECTED.id)
    return about, [one for one in found if one.id == REFUSED]


@pytest.mark.parametrize(
    "findings, rest, remedy",
    [
        ([WELL], "; other services are not refused", MAY_BE_EITHER),
        ([WELL, CHANGED], "; other services are not refused", HAS_CHANGED),
        ([CHANGED], "", HAS_CHANGED),
        ([WELL, DRIFT, CHANGED], "; other services are not refused", IS_DRIFTED),
    ],
    ids=["the only one", "it has changed", "changed, and nobody else is known to be well", "not as the files say"],
)  # fmt: skip
def test_the_service_is_named_with_its_user_and_what_to_do(findings: list[Finding], rest: str, remedy: str) -> None:
    message = f"db refuses the password of web for user app{rest}. {remedy}"
    about, (refused,) = blamed(*findings)
    assert (about.status, about.message, about.targets) == (Status.CRITICAL, message, ("web",))
    assert (refused.service, refused.status, refused.message, refused.targets) == ("web", Status.CRITICAL, message, ())
    assert refused.evidence == REJECTED.evidence


@pytest.mark.parametrize(
    "session, words",
    [
        (Session(1, service="jobs", session_age=4.0), "; other services connect."),
        (Session(1, service="jobs", session_age=31.0), "; other services are not refused."),
        (Session(1, service="web", session_age=4.0), "; other services are not refused."),
        (Session(1, service="", session_age=4.0), "; other services are not refused."),
        (Session(1, service="jobs"), "; other services are not refused."),
    ],
    ids=["it came since", "it was there before", "the service itself", "nobody of the platform", "of unknown age"],
)
def test_only_a_session_that_came_since_proves_that_others_connect(session: Session, words: str) -> None:
    about, _refused = blamed(WELL, facts=replace(FACTS, sessions=(session,)))
    assert words in about.message


def test_several_are_blamed_only_when_each_has_changed() -> None:
    both = replace(FACTS, rejections=(WEB, JOBS))
    well = fine("http.health", "mail")
    assert blamed(well, CHANGED, facts=both) == (REJECTED, [])
    about, refused = blamed(well, CHANGED, warning("crash.config_changed", "jobs"), facts=both)
    assert about.message.startswith("db refuses the password of jobs for user worker, web for user app; other services")
    assert [one.service for one in refused] == ["jobs", "web"]


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, rejections=()),
        replace(FACTS, rejections=(WEB, replace(WEB, service="", stranger=True))),
        replace(FACTS, rejections=(replace(WEB, service="db"),)),
        replace(FACTS, rejections=(replace(WEB, service="", user="app"),)),
        replace(FACTS, rejections=(replace(WEB, service="", user=""),), users={"web": ""}),
        replace(FACTS, answer=Answer.SLOTS_EXHAUSTED),
        replace(FACTS, answer=Answer.AUTHENTICATION),
    ],
    ids=["nothing is told", "a stranger", "itself", "a user of nobody", "no user", "nobody gets in", "not even we do"],
)
def test_where_one_of_the_rejected_cannot_be_told_nobody_is_blamed(facts: PostgresFacts) -> None:
    assert blamed(WELL, CHANGED, facts=facts) == (REJECTED, [])


@pytest.mark.parametrize(
    "others",
    [
        [],
        [critical("http.health", "jobs")],
        [WELL, critical("container.memory", "jobs")],
        [fine("http.health", "cache")],
    ],
    ids=["nothing is known", "they fail", "they fail otherwise", "another does not use the database"],
)
def test_where_nobody_else_is_well_and_nothing_has_changed_nobody_is_blamed(others: list[Finding]) -> None:
    assert blamed(*others) == (REJECTED, [])


@pytest.mark.parametrize(
    "users, complaining, names",
    [
        ({"web": "app", "jobs": "worker"}, [], ("web",)),
        ({"web": "app", "jobs": "app"}, ["web"], ("web",)),
        ({"web": "app", "jobs": "app"}, [], ()),
        ({"web": "other"}, ["web"], ()),
    ],
    ids=["the only one of that user", "the one that complains", "any of two", "no one of that user"],
)
def test_without_an_address_the_user_tells_who_it_was(
    users: dict[str, str], complaining: list[str], names: tuple[str, ...]
) -> None:
    unnamed = replace(FACTS, rejections=(replace(WEB, service=""),), users=users)
    logs = [warning("log.auth_failure", name) for name in complaining]
    about, refused = blamed(WELL, *logs, facts=unnamed)
    assert about.targets == tuple(one.service for one in refused) == names


@pytest.mark.parametrize(
    "users, complaining, sick, names",
    [
        ({"web": "app", "jobs": "worker"}, [], [], ()),
        ({"web": "app", "jobs": "worker"}, ["web"], [], ("web",)),
        ({"web": "app", "jobs": "worker"}, [], ["web"], ("web",)),
        ({"web": "app", "mail": "app"}, ["web", "mail"], ["web"], ("web",)),
        ({"web": "app", "mail": "app"}, ["mail"], ["web"], ()),
    ],
    ids=["well, no complaint", "its log complains", "it is sick", "the sick one", "the well one complains of tokens"],
)
def test_one_that_is_well_is_not_accused_for_whoever_came_as_its_user(
    users: dict[str, str], complaining: list[str], sick: list[str], names: tuple[str, ...]
) -> None:
    unnamed = replace(FACTS, rejections=(replace(WEB, service=""),), users=users)
    logs = [warning("log.auth_failure", name) for name in complaining]
    health = [(critical if name in sick else fine)("http.health", name) for name in ("web", "mail")]
    about, _refused = blamed(WELL, *health, *logs, facts=unnamed)
    assert about.targets == names


def test_one_that_has_come_in_since_as_the_same_user_was_not_the_one_that_was_rejected() -> None:
    unnamed = replace(FACTS, rejections=(replace(WEB, service=""),), users={"web": "app"})
    since = replace(unnamed, sessions=(Session(1, service="web", session_age=4.0),))
    assert blamed(WELL, critical("http.health", "web"), facts=since) == (REJECTED, [])
    anew = replace(SERVICES["web"], containers=(container("web", started_at="2026-02-27T13:46:20Z"),))
    over = replace(since, rejections=(replace(WEB, service="", last_age=21.0),))
    about, refused = blamed(WELL, fine("http.health", "web"), facts=over, services={"web": anew})
    assert (about.status, refused) == (Status.WARNING, [])


@pytest.mark.parametrize(
    "started, last_age, status",
    [
        ("2026-02-27T13:46:20Z", 21.0, "warning"),
        ("2026-02-27T13:46:20Z", 19.0, "critical"),
        ("2026-02-27T13:46:31Z", 15.0, "critical"),
    ],
    ids=["well for long enough", "rejected since", "it may be rejected any moment"],
)
def test_what_its_predecessor_suffered_is_over(started: str, last_age: float, status: str) -> None:
    anew = replace(SERVICES["web"], containers=(container("web", started_at=started),))
    seen = replace(FACTS, rejections=(replace(WEB, last_age=last_age),))
    about, refused = blamed(WELL, facts=seen, services={"web": anew})
    assert about.status.value == status
    assert bool(refused) is (status == "critical")


def test_of_several_containers_each_must_have_been_started_anew() -> None:
    anew = container("web", started_at="2026-02-27T13:46:20Z")
    seen = replace(FACTS, rejections=(replace(WEB, last_age=21.0),))
    for old, status in ((container("web"), "critical"), (anew, "warning")):
        both = replace(SERVICES["web"], containers=(anew, old))
        assert blamed(WELL, facts=seen, services={"web": both})[0].status.value == status


def test_one_that_is_left_alone_is_told_and_calls_for_nothing() -> None:
    about, refused = blamed(WELL, services={"web": facts_of("web", declared="ignored")})
    assert (about.status, about.targets, refused) == (Status.WARNING, (), [])
    assert about.message.startswith("db refuses the password of web for user app")


def test_one_that_is_left_alone_does_not_turn_the_blame_for_another_to_the_database() -> None:
    both = replace(FACTS, rejections=(WEB, JOBS))
    left = {"jobs": facts_of("jobs", declared="maintenance")}
    about, (refused,) = blamed(WELL, fine("http.health", "mail"), facts=both, services=left)
    assert (about.targets, refused.service) == (("web",), "web")
    assert "jobs" not in about.message
    assert blamed(WELL, facts=both, services=left) == (REJECTED, []), "that jobs looks well proves nothing"


def test_more_that_is_known_later_changes_the_words_and_doubles_nothing() -> None:
    first = blame_clients([REJECTED, WELL], SERVICES, {"db": FACTS}, NOW)
    again = blame_clients([*first, CHANGED], SERVICES, {"db": FACTS}, NOW)
    assert [one.id for one in again].count(REFUSED) == 1
    assert {one.message for one in again if one.id in (REFUSED, REJECTED.id)} == {blamed(WELL, CHANGED)[0].message}


def test_what_was_told_stays_told_when_another_service_turns_out_to_be_sick_as_well() -> None:
    first = blame_clients([REJECTED, WELL], SERVICES, {"db": FACTS}, NOW)
    again = blame_clients([*first, critical("crash.loop", "jobs")], SERVICES, {"db": FACTS}, NOW)
    assert [one for one in again if one.id in (REFUSED, REJECTED.id)] == [
        one for one in first if one.id in (REFUSED, REJECTED.id)
    ]


def test_what_two_databases_say_of_one_service_stays_as_it_was_told() -> None:
    findings = [REJECTED, replace(REJECTED, service="archive"), WELL]
    services = {name: replace(one, depends_on=("db", "archive")) for name, one in SERVICES.items()}
    servers = {"db": FACTS, "archive": replace(FACTS, service="archive")}
    first = blame_clients(findings, services, servers, NOW)
    again = blame_clients([*first, critical("crash.loop", "jobs")], services, servers, NOW)
    assert [one.message.split()[0] for one in again if one.id == REFUSED] == ["db", "archive"]


@pytest.mark.parametrize(
    "finding",
    [replace(REJECTED, status=Status.WARNING), replace(REJECTED, service="other"), critical("postgres.x", "db")],
)
def test_nothing_else_is_touched(finding: Finding) -> None:
    assert blame_clients([finding, WELL], SERVICES, {"db": FACTS}, NOW) == [finding, WELL]
