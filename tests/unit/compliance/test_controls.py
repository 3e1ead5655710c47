# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each control both ways: green on a proper platform, red when the one thing that it is about is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from changed_estates import (
    backup,
    incident,
    memory,
    model,
    postgres,
    queue,
    rabbitmq,
    redis,
    session,
    setting,
    shared,
    trust,
    web,
)
from compliance import (
    ACCEPTED,
    DISK,
    MODEL,
    MODEL_FILE,
    POSTGRES,
    RABBITMQ,
    REDIS,
    REFUSED,
    SECRET,
    TRUST,
    Estate,
    control_data,
    controls,
    judged,
    secrets,
)
from service_facts import NOW

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.backup_facts import Listing
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockFacts,
    ClockReading,
    HostClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_facts import CrashFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import FileSystem
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import Outcome
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import PortBinding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Role,
    Volume,
    WriteProbe,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    IndexProposal,
    QueriesFacts,
    Table,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Memory,
    Persistence,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.checks import CHECKS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.judge import judge_controls
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Verdict
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import Seen
from checkout import ROOT

HOUR = 3600.0
OTHER = "0a4d55a8d778e5022fab701977c5d840bbc486d0"


# Control, what is wrong, and words that the answer has to hold.
WRONG: list[tuple[str, Estate, str]] = [
    ("secret.equal", trust(secrets=secrets({"users": SECRET, "web": OTHER})), "2 different values"),
    ("secret.strong", shared("Xq9_short"), "less than 256 bits"),
    ("secret.own", shared("your-secret-key-that-is-long-enough-for-hs256"), "known default"),
    ("secret.clean", shared(f"{SECRET}\n"), "newline"),
    ("secret.files", trust(secrets=secrets({"users": OTHER, "web": OTHER})), "Compose files say another one"),
    ("token.lifetime", trust(login=replace(TRUST.login, lifetime=30.0)), "lives 30 s"),
    ("token.lifetime", trust(login=replace(TRUST.login, lifetime=30 * 86400.0)), "lives 2,592,000 s"),
    ("token.lifetime", trust(login=replace(TRUST.login, lifetime=None)), "does not say when it expires"),
    ("token.expiry_alike", trust(lifetimes={"users": {"TOKEN_TTL": "3600"}, "web": {"TOKEN_TTL": "60"}}), "different"),
    ("token.accepted", trust(matrix={"issued": {"web": REFUSED}, "tampered": {"web": REFUSED}}), "not accepted"),
    ("token.forged", trust(matrix={"issued": {"web": ACCEPTED}, "unsigned": {"web": ACCEPTED}}), "without a signature"),
    (
        "clock.services",
        trust(clocks=replace(TRUST.clocks, services={"web": ClockReading("date", 7200.0, 0.5)})),
        "2.0 h",
    ),
    (
        "clock.host",
        trust(clocks=replace(TRUST.clocks, host=HostClock("timesyncd", False, None, "It is not synchronised by NTP."))),
        "not synchronised",
    ),
    (
        "clock.host",
        trust(clocks=replace(TRUST.clocks, host=HostClock("chrony", True, 90.0, "It is 90 s off NTP."))),
        "90.0 s off NTP",
    ),
    ("broker.guest", rabbitmq(guest=True), "takes the default user guest"),
    ("broker.consumers", queue(consumers=0, services=()), "mails of broker has no consumer"),
    ("broker.dead_letters", queue(dead_letter=False), "no dead-letter exchange"),
    ("broker.depth", queue(messages=5000, ready=5000), "5,000"),
    ("broker.alarms", rabbitmq(nodes=(replace(RABBITMQ.nodes[0], memory_alarm=True),)), "memory alarm"),
    ("broker.alarms", rabbitmq(nodes=(replace(RABBITMQ.nodes[0], disk_alarm=True),)), "disk alarm"),
    ("database.headroom", postgres(sessions=tuple(session(number) for number in range(36))), "36 of 37"),
    ("database.role", postgres(users={"web": "op"}), "web uses op, a superuser"),
    ("database.role", postgres(sessions=(session(1, user="op"),)), "web uses op, a superuser"),
    ("database.idle_timeout", setting("idle_in_transaction_session_timeout", "0"), "for app"),
    (
        "database.idle_timeout",
        postgres(configuration=replace(POSTGRES.configuration, roles=(Role("app", False, "0"),))),  # type: ignore[type-var]
        "for app",
    ),
    (
        "database.idle_sessions",
        postgres(sessions=(session(1, state="idle in transaction", state_age=90.0, transaction_age=90.0),)),
        "idle in",
    ),
    ("database.slow_log", setting("log_min_duration_statement", "-1"), "does not log slow statements"),
    ("database.slow_log", setting("log_min_duration_statement", "60000"), "only statements above 60000 ms"),
    ("database.statistics", postgres(queries=QueriesFacts(True, "running")), "no pg_stat_statements"),
    ("database.passwords", setting("password_encryption", "md5"), "md5"),
    ("database.disk", postgres(volumes=(Volume("/data", 100 << 30, 90 << 30, 10 << 30, 1000, 10),)), "90 %"),
    ("database.writes", postgres(write=WriteProbe(True, "it is read-only", "25006")), "a write fails"),
    ("cache.maxmemory", memory(limit=None), "no maxmemory"),
    ("cache.policy", memory(policy="allkeys-lru"), "throws keys out"),
    ("cache.policy", redis(cache=True), "is a cache with the policy noeviction"),
    ("cache.persistence", redis(persistence=Persistence.NONE), "loses every key"),
    ("cache.headroom", memory(used=63 << 20), "98 %"),
    ("container.running", web(state="exited", exit_code=1), "web"),
    ("container.running", web(health="unhealthy"), "web"),
    ("container.stable", Estate(crashes=CrashFacts(recent=5), web={"restart_count": 9}), "times"),
    ("container.drift", Estate(service={"drift": True, "drift_reason": "image"}), "web"),
    ("container.restart_policy", web(restart_policy="no"), "stays down"),
    ("container.health_check", web(health_check=False), "no health check"),
    ("container.memory_limit", web(memory_limit=None), "no memory limit"),
    ("container.privileged", web(privileged=True), "is privileged"),
    ("container.engine_socket", web(engine_socket=True), "socket is mounted in web"),
    ("image.pinned", web(image="registry.example:5000/web"), "no tag"),
    ("image.pinned", web(image="web:latest"), "the tag latest moves"),
    ("network.ports", web(ports=(PortBinding(8080, "tcp", "0.0.0.0", 8080),)), "publishes 8080"),  # noqa: S104
    ("network.ports", web(ports=(PortBinding(9090, "tcp", "", 9090),)), "publishes 9090"),
    ("log.rotation", Estate(log={"limit": ""}), "grows without bounds"),
    ("model.files", model(files=replace(MODEL.files, files=(replace(MODEL_FILE, sha256="b" * 64),))), "is corrupt"),
    ("model.files", model(files=replace(MODEL.files, files=(replace(MODEL_FILE, size=None),))), "is missing"),
    ("model.canary", model(canary=replace(MODEL.canary, outcome=Outcome.ANSWER_TIMED_OUT, status=None)), "model"),
    ("disk.headroom", Estate(disk=replace(DISK, file_systems=(FileSystem("/", 1, 1000, 950, 50, 100, 90),))), "95 %"),
    ("disk.headroom", Estate(disk=replace(DISK, file_systems=(FileSystem("/", 1, 1000, 300, 700, 100, 5),))), "inodes"),
    ("backup.policy", Estate(backups=()), "Nobody says where the backups"),
    ("backup.fresh", backup(age=30 * HOUR), "30.0 h old; at most 26 h"),
    ("backup.fresh", backup(name="", count=0, age=None), "There is no backup"),
    ("backup.listing", backup(listing=Listing("broken", "gzip file", "it was cut off")), "it was cut off"),
    ("record.usable", Estate(record={"available": False, "reason": "the record is damaged."}), "is damaged"),
]  # fmt: skip
# These follow from the first one: whoever has this fault has these as well.
COMPANIONS = {
    "secret.equal": {"secret.files"},
    "broker.consumers": set(),
    "broker.guest": set(),
    "container.stable": set(),
    "backup.fresh": {"backup.listing"},
    "backup.policy": set(),
}


def red(results: dict[str, Any]) -> set[str]:
    return {name for name, result in results.items() if result.verdict is Verdict.FAIL}


def test_a_proper_platform_passes_every_control() -> None:
    waiver = {"control": "image.pinned", "owner": "ops", "reason": "a mirror", "expires": "2026-03-01"}

    results = judged(Estate(), waivers=[waiver])

    assert {name: result.message for name, result in results.items() if result.verdict is not Verdict.PASS} == {}


@pytest.mark.parametrize("control, estate, words", WRONG, ids=[f"{row[0]}: {row[2]}" for row in WRONG])
def test_a_control_is_red_when_its_one_thing_is_wrong(control: str, estate: Estate, words: str) -> None:
    results = judged(estate)

    assert control in red(results), results[control]
    assert words in results[control].message
    assert red(results) <= {control, *COMPANIONS.get(control, set())}


QUERY = "SELECT * FROM events WHERE kind = ?"
INDEX = IndexProposal("public", "events", ("kind",), "events_kind", "CREATE INDEX CONCURRENTLY ...", QUERY, ("slow",))
DEAD = Table("public", "events", 1 << 20, 20_000, 15_000, 5, 100, 5)
"""Rows whose facts take more than a line."""


@pytest.mark.parametrize(
    "control, estate, words",
    [
        ("database.indexes", postgres(queries=replace(POSTGRES.queries, proposals=(INDEX,))), "index"),
        ("database.dead_rows", postgres(queries=replace(POSTGRES.queries, tables=(DEAD,))), "dead"),
    ],
)
def test_statistics_of_statements_and_tables_turn_their_controls_red(control: str, estate: Estate, words: str) -> None:
    results = judged(estate)

    assert red(results) == {control}
    assert words in results[control].message


@pytest.mark.parametrize(
    "control, incidents, words",
    [
        ("review.written", incident(state="resolved", reviewed_at=None), "is not written"),
        ("review.written", incident(reviewed_at="2026-02-24T10:10:00Z"), "written 2026-02-24T10:10:00Z"),
        ("response.met", incident(response="missed"), "Nobody responded to INC-2026-02-20-001"),
    ],
)
def test_the_record_turns_its_controls_red(control: str, incidents: list[dict[str, Any]], words: str) -> None:
    results = judged(Estate(), incidents)

    assert red(results) == {control}
    assert words in results[control].message


def test_a_review_that_is_not_due_yet_and_an_old_missed_response_are_no_failure() -> None:
    young = incident(state="resolved", reviewed_at=None, review_due="2026-02-28T00:00:00Z")
    late = {"response": "missed", "review_due": "2025-12-03T00:00:00Z", "reviewed_at": "2025-12-09T00:00:00Z"}
    old = incident(id="INC-2025-12-01-001", opened_at="2025-12-01T00:00:00Z", **late)

    assert red(judged(Estate(), [*young, *old])) == set()


def test_a_stopped_engine_leaves_nothing_to_be_told_but_that() -> None:
    results = judged(Estate(engine_answers=False))

    assert red(results) == {"engine.answers"}
    told = {name for name, result in results.items() if result.verdict is Verdict.PASS}
    assert told == {"review.written", "response.met"}
    assert results["image.pinned"].verdict is Verdict.UNKNOWN


def test_each_control_has_a_case_that_turns_it_red() -> None:
    elsewhere = {
        "cache.saving", "container.memory", "compliance.waivers", "database.dead_rows", "database.indexes",
        "engine.answers", "response.met", "review.written",
    }  # fmt: skip

    assert {row[0] for row in WRONG} | elsewhere == {control.id for control in controls()}


def test_a_failed_save_and_a_full_container_turn_their_controls_red() -> None:
    assert REDIS.server is not None
    results = judged(redis(server=replace(REDIS.server, last_save_ok=False)))
    assert red(results) == {"cache.saving"}

    results = judged(Estate(used=95 << 20))
    assert red(results) == {"container.memory"}


UNTOLD: list[tuple[str, Estate, str]] = [
    ("database.role", Estate(postgres=None), "no probe of it has ended"),
    ("database.role", postgres(users={}), "No service tells"),
    ("database.headroom", Estate(postgres=None), "was not judged"),
    ("cache.maxmemory", Estate(redis=None), "did not tell"),
    ("broker.guest", rabbitmq(guest=None), "nobody tried to log in"),
    ("broker.dead_letters", queue(dead_letter=None), "was not told"),
    ("broker.consumers", rabbitmq(via="", queues=(), error="connection refused"), "connection refused"),
    ("secret.strong", trust(secrets=secrets({}, unreadable={"web": "permission denied"})), "permission denied"),
    (
        "token.lifetime",
        trust(login=replace(TRUST.login, state="skipped", lifetime=None), lifetimes={}),
        "nobody logged",
    ),
    ("clock.host", trust(clocks=ClockFacts(services=TRUST.clocks.services)), "No NTP client"),
    ("model.files", model(files=replace(MODEL.files, files=(replace(MODEL_FILE, sha256=None),))), "was not hashed"),
    ("backup.fresh", backup(problem="it cannot be read: Permission denied"), "Permission denied"),
    ("backup.listing", backup(listing=Listing("unknown", "unknown format", "it cannot be listed")), "cannot be listed"),
]


@pytest.mark.parametrize("control, estate, words", UNTOLD, ids=[f"{row[0]}: {row[2]}" for row in UNTOLD])
def test_what_cannot_be_told_is_never_a_pass(control: str, estate: Estate, words: str) -> None:
    result = judged(estate)[control]

    assert result.verdict is Verdict.UNKNOWN, result
    assert words in result.message


def test_more_incidents_than_are_read_are_unknown_unless_one_fails() -> None:
    assert judged(Estate(), incident() * 1000)["review.written"].verdict is Verdict.UNKNOWN
    assert judged(Estate(), [*incident() * 1000, *incident(response="missed")])["response.met"].verdict is Verdict.FAIL


def test_incidents_that_cannot_be_read_are_unknown() -> None:
    results = judged(Estate(), None)

    assert results["review.written"].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "control, estate, asked",
    [
        ("network.ports", web(ports=(PortBinding(8080, "tcp", "0.0.0.0", 80),)), {"ports": {"web": (8080,)}}),  # noqa: S104
        ("image.pinned", web(image=f"web@sha256:{'c' * 64}"), {}),
        ("image.pinned", web(image=f"sha256:{'c' * 64}"), {}),
        ("backup.fresh", backup(age=30 * HOUR), {"limits": {"backup_age_h": 48}}),
        ("token.lifetime", trust(login=replace(TRUST.login, state="skipped", lifetime=None)), {}),
        (
            "database.idle_timeout",
            postgres(
                configuration=replace(
                    POSTGRES.configuration,  # type: ignore[type-var]
                    settings={"idle_in_transaction_session_timeout": "0"},
                    roles=(Role("app", False, "30s"),),
                )
            ),
            {},
        ),
        ("cache.policy", redis(cache=True, server=replace(REDIS.server, memory=Memory(1, 64, "allkeys-lru"))), {}),  # type: ignore[type-var]
    ],
)
def test_what_is_right_in_another_way_passes(control: str, estate: Estate, asked: dict[str, Any]) -> None:
    assert judged(estate, **asked)[control].verdict is Verdict.PASS


@pytest.mark.parametrize(
    "control, estate",
    [
        ("cache.persistence", redis(cache=True)),
        ("container.restart_policy", Estate(every={"may_complete": True})),
        ("log.rotation", Estate(every_container={"log_driver": "journald"}, logs=False)),
        ("model.files", model(files=replace(MODEL.files, source="", files=()))),
        ("token.expiry_alike", trust(lifetimes={})),
        ("backup.fresh", Estate(backups=())),
    ],
)
def test_what_is_not_there_to_be_judged_is_not_applicable(control: str, estate: Estate) -> None:
    assert judged(estate)[control].verdict is Verdict.NOT_APPLICABLE


def test_one_replica_that_differs_turns_a_control_red_and_alike_ones_are_one_subject() -> None:
    observed = Estate().observed()
    (first,) = observed["services"]["web"]["containers"]
    observed["services"]["web"]["containers"] = [first, first, {**first, "image": "web:latest"}]
    (control,) = (control for control in controls() if control.id == "image.pinned")

    (result,) = judge_controls([control], Seen(observed, [], NOW))

    assert result.verdict is Verdict.FAIL
    assert [subject.verdict.value for subject in result.subjects if subject.name == "web"] == ["pass", "fail"]


def test_an_ignored_service_is_left_alone() -> None:
    results = judged(Estate(service={"declared": "ignored"}, web={"privileged": True}))

    assert results["container.privileged"].verdict is Verdict.PASS


def test_a_control_names_a_playbook_and_a_role_that_are_there() -> None:
    named = [control for control in controls() if control.playbook]

    assert named
    for control in named:
        assert (ROOT / "playbooks" / f"{control.playbook}.yml").is_file(), control.id
        assert (ROOT / "roles" / control.role).is_dir(), control.id


def test_each_check_is_used_and_each_control_is_complete() -> None:
    assert {entry["check"] for entry in control_data() if "check" in entry} == set(CHECKS)
    assert len(controls()) >= 30
