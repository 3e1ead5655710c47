# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_runner import Reply, ScriptedRunner, answered
from service_facts import container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    SocketHttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Answer,
    Persistence,
    RedisFacts,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_settings import RedisSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import ServiceContext
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis import RedisProbe
from checkout import ROOT

RECORDED = ROOT / "tests" / "fixtures" / "redis"
NOW = 1_795_512_060.0
TIMED_OUT = 124


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.stdout").read_bytes()


def top(name: str) -> bytes:
    return (RECORDED / f"top_{name}.txt").read_bytes()


def context(runner: ScriptedRunner, **fields: Any) -> ServiceContext:
    plain = ServiceContext(
        service="redis",
        containers=(container("redis"),),
        settings=ServiceSettings(),
        docker=DockerCli(runner),
        http=SocketHttpClient(),
        redactor=Redactor(()),
        thresholds=Thresholds(),
        deadline=5.0,
        now=NOW,
    )
    return replace(plain, **fields)


def look(said: Reply, processes: Reply = b"", **fields: Any) -> RedisFacts:
    return RedisProbe().probe(context(ScriptedRunner(("exec", said), ("top", processes)), **fields))


def test_one_exec_brings_everything() -> None:
    runner = ScriptedRunner(("exec", recorded("healthy")))
    facts = RedisProbe().probe(context(runner))
    assert len(runner.calls) == 1
    assert (facts.answer, facts.write, facts.persistence) == (Answer.OK, Write.OK, Persistence.NONE)
    assert facts.server is not None
    assert facts.server.version == "7.0.15"
    assert facts.server.memory.limit == 8 << 20
    assert facts.server.memory.policy == "noeviction"
    assert facts.server.role == "master"
    assert facts.keys == 1
    assert [spike.event for spike in facts.spikes] == ["command"]


def test_neither_values_nor_whole_keys_are_shown() -> None:
    facts = look(recorded("healthy"))
    assert "SET session:… (2 arguments)" in [slow.text for slow in facts.slow]
    shown = json.dumps(facts.to_data())
    assert "4711" not in shown
    assert "eyJhbGci" not in shown


@pytest.mark.parametrize(
    "said, exit_code, processes, answer, write",
    [
        ("writes_held", TIMED_OUT, "held", Answer.OK, Write.HELD),
        ("full", 0, "held", Answer.OK, Write.NO_MEMORY),
        ("busy", 0, "busy", Answer.BUSY, Write.SKIPPED),
        ("noauth", 0, "held", Answer.AUTHENTICATION, Write.SKIPPED),
        ("silent", TIMED_OUT, "held", Answer.HELD, Write.SKIPPED),
        ("silent", TIMED_OUT, "busy", Answer.BUSY, Write.SKIPPED),
        ("silent", TIMED_OUT, "stopped", Answer.STOPPED, Write.SKIPPED),
    ],
)
def test_each_recorded_trouble_is_told_apart(
    said: str, exit_code: int, processes: str, answer: Answer, write: Write
) -> None:
    facts = look(answered(recorded(said), exit_code=exit_code), top(processes))
    assert (facts.answer, facts.write) == (answer, write)


def test_a_server_that_computes_only_for_a_moment_is_not_busy() -> None:
    states = [top("busy"), top("busy"), top("held")]
    runner = ScriptedRunner(("exec", answered(exit_code=TIMED_OUT)), ("top", lambda _argv: states.pop(0)))
    assert RedisProbe().probe(context(runner)).answer is Answer.HELD
    assert states == []


def test_without_a_look_at_the_processes_a_silence_is_a_silence() -> None:
    assert look(answered(exit_code=TIMED_OUT), answered(exit_code=1)).answer is Answer.TIMED_OUT


@pytest.mark.parametrize(
    "said, answer",
    [
        (answered(stderr="redis-cli: not found", exit_code=127), Answer.NO_CLIENT),
        (answered("Could not connect to Redis at 127.0.0.1:6380: Connection refused\n", exit_code=1), Answer.REFUSED),
        (answered(stderr="OCI runtime exec failed", exit_code=126), Answer.FAILED),
    ],
)
def test_a_check_that_cannot_be_made_says_why(said: Reply, answer: Answer) -> None:
    facts = look(said)
    assert facts.answer is answer
    assert facts.error


def test_a_container_that_does_not_run_is_not_asked() -> None:
    runner = ScriptedRunner()
    facts = RedisProbe().probe(context(runner, containers=(container("redis", state="exited"),)))
    assert facts.answer is Answer.NOT_RUNNING
    assert runner.calls == []


def test_nothing_is_written_where_nothing_may_be() -> None:
    given: list[bytes] = []

    class Listening(ScriptedRunner):
        def run(self, argv: Any, *, deadline: float, stdin: bytes | None = None, limit: int = 1 << 20) -> Any:
            given.append(stdin or b"")
            return super().run(argv, deadline=deadline, stdin=stdin, limit=limit)

    for writing in (True, False):
        facts = RedisProbe().probe(context(Listening(("exec", recorded("healthy"))), writing=writing))
        assert (facts.write is Write.SKIPPED) is not writing
    assert [word in given[0] for word in (b'"SET"', b'"PX"', b'"DEL"')] == [True] * 3
    assert [word in given[1] for word in (b'"SET"', b'"DEL"')] == [False] * 2


def test_a_password_goes_to_standard_input_only(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret-word\n", encoding="utf-8")
    runner = ScriptedRunner(("exec", recorded("healthy")))
    settings = ServiceSettings(redis=RedisSettings(password_file=str(tmp_path / "password")))
    facts = RedisProbe().probe(context(runner, settings=settings))
    assert facts.answer is Answer.OK
    assert "s3cret-word" not in str(runner.calls)


def test_a_password_file_that_is_missing_is_named() -> None:
    facts = look(recorded("healthy"), settings=ServiceSettings(redis=RedisSettings(password_file="/nowhere/pw")))
    assert facts.answer is Answer.FAILED
    assert "redis.password_file" in facts.error


def test_what_survives_a_restart_is_remembered_for_the_time_when_nobody_can_ask() -> None:
    assert look(recorded("healthy")).sample == {"persistence": "none"}
    assert look(recorded("healthy"), sample={"persistence": "none"}).sample == {}
    silent = look(answered(exit_code=TIMED_OUT), top("held"), sample={"persistence": "aof"})
    assert silent.known_persistence is Persistence.AOF
    assert silent.sample == {}


def test_the_probe_judges_its_own_report_and_no_other() -> None:
    probe, given = RedisProbe(), context(ScriptedRunner(("exec", recorded("healthy"))))
    statuses = {finding.id: finding.status for finding in probe.judge(given, probe.probe(given))}
    assert statuses["redis.answers"] is Status.OK
    assert statuses["redis.write"] is Status.OK
