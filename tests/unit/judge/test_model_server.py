# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from inferences import attempt, from_caller

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    DeviceFacts,
    FilesFacts,
    Gpu,
    LogHints,
    ModelFile,
    ModelServerFacts,
    Outcome,
    Process,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    Canary,
    ModelServerSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HttpHealth,
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server import (
    judge_model_server,
)

NOW = 1_772_193_600.0
A, B = "a" * 64, "b" * 64
CONFIGURED = ModelServerSettings(canary=Canary("/predict"), model_dir="/app/models")
USED = Resources(available=True, memory_bytes=50, memory_limit=100)


def process(role: str, state: str) -> Process:
    return Process(7 if role == "main" else 8, 1, state, role, 0.1, 1000, 9.0, f"serve {role}")


def health(status: int | None = 200, failure: str = "", body: Any = None) -> HttpHealth:
    return HttpHealth("published port", "m-1", "http://m/health", status, 5.0, body, failure=failure, error="It is so.")


HEALTHY = ModelServerFacts(
    service="m",
    state="running",
    age=3600.0,
    readiness=health(),
    canary=attempt(),
    callers=(from_caller(),),
    processes=(process("main", "S"), process("worker", "S")),
    files=FilesFacts("manifest", files=(ModelFile("model.bin", 80, 1, expected_sha256=A, expected_size=80),)),
)
DOWN = replace(HEALTHY, state="exited", canary=Attempt("host"), callers=(), readiness=HttpHealth(), processes=())
SILENT = replace(
    HEALTHY,
    readiness=health(None, "deadline"),
    canary=attempt(Outcome.ANSWER_TIMED_OUT, None, 5000.0),
    callers=(from_caller(Outcome.ANSWER_TIMED_OUT, None, 5000.0),),
)
REFUSING = replace(HEALTHY, readiness=health(503), canary=attempt(status=503), callers=(from_caller(status=503),))
LOADING = replace(
    REFUSING, age=60.0, readiness=health(503, body={"status": "loading"}), canary=attempt(status=503, text="loading")
)


def damaged(facts: ModelServerFacts, **file: Any) -> ModelServerFacts:
    found = ModelFile("model.bin", **{"size": 80, "sha256": B, "expected_sha256": A, "expected_size": 80, **file})
    return replace(facts, files=FilesFacts("manifest", files=(found,), hashed_because="the canary failed"))


def judge(
    facts: ModelServerFacts, settings: ModelServerSettings = CONFIGURED, resources: Resources = USED
) -> dict[str, Finding]:
    containers = (Container("c", "m-1", "m", state=facts.state, started_at="2026-02-27T11:00:00Z"),)
    service = ServiceFacts("m", "model_server", containers)
    found = judge_model_server(service, facts, ServiceSettings(model_server=settings), resources, Thresholds(), NOW)
    by_id = {finding.id.removeprefix("model_server."): finding for finding in found}
    assert len(by_id) == len(found), "an id occurs twice"
    assert {finding.service for finding in found} == {"m"}
    return by_id


def bad(found: dict[str, Finding]) -> set[tuple[str, str]]:
    return {(name, finding.status.value) for name, finding in found.items() if finding.is_bad}


ASKED = {("canary", "critical"), ("canary_from_caller", "critical"), ("health", "critical")}
NOT_ASKED = {("canary", "unknown"), ("canary_from_caller", "unknown"), ("health", "unknown")}

FAULTS = {
    "healthy": (HEALTHY, set()),
    "hang": (
        replace(SILENT, processes=(process("main", "S"), process("worker", "T"))),
        ASKED | {("process_stopped", "critical")},
    ),
    "lock": (SILENT, ASKED | {("held", "critical")}),
    "worker died": (
        replace(SILENT, processes=(process("main", "S"), process("worker", "Z"))),
        ASKED | {("process_state", "critical")},
    ),
    "corrupt": (damaged(REFUSING), ASKED | {("file_corrupt", "critical")}),
    "truncated": (damaged(REFUSING, size=50), ASKED | {("file_truncated", "critical")}),
    "LFS pointer": (damaged(REFUSING, size=50, is_lfs_pointer=True), ASKED | {("file_lfs_pointer", "critical")}),
    "missing": (damaged(REFUSING, size=None, sha256=None), ASKED | {("file_missing", "critical")}),
    "manifest malformed": (
        replace(REFUSING, files=FilesFacts("manifest", "it is empty")), ASKED | {("manifest", "critical")}
    ),
    "crash loop by a corrupt file": (
        damaged(replace(DOWN, state="restarting", restart_count=4, exit_code=65)),
        NOT_ASKED | {("crash_loop", "critical"), ("file_corrupt", "critical")},
    ),
    "crash loop for another reason": (
        replace(DOWN, state="restarting", restart_count=4, exit_code=78), NOT_ASKED | {("crash_loop", "critical")}
    ),
    "paused": (replace(DOWN, state="paused", files=FilesFacts("manifest")), NOT_ASKED),
    "stopped": (replace(DOWN, state="exited"), NOT_ASKED),
    "loading": (
        LOADING,
        {(name, "unknown") for name, _status in ASKED} | {("loading", "warning")},
    ),
    "loading for too long": (replace(LOADING, age=900.0), ASKED | {("loading", "critical")}),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_own_findings(name: str) -> None:
    facts, expected = FAULTS[name]
    assert bad(judge(facts)) == expected


def test_no_two_faults_look_alike() -> None:
    same = {"hang": "worker died", "paused": "stopped"}  # told apart by the message, and by container.paused
    seen: dict[frozenset[tuple[str, str]], str] = {}
    for name, (facts, _expected) in FAULTS.items():
        other = seen.setdefault(frozenset(bad(judge(facts))), name)
        assert other == name or same.get(other) == name


@pytest.mark.parametrize("name", FAULTS)
def test_every_finding_is_a_sentence_without_line_breaks(name: str) -> None:
    for finding in judge(FAULTS[name][0]).values():
        assert finding.message.isprintable()
        assert finding.step.startswith("MS-")


def test_the_inventorys_own_latency_limit_wins() -> None:
    settings = replace(CONFIGURED, latency_limit_ms=10.0)
    assert judge(HEALTHY, settings)["canary"].status is Status.CRITICAL


def test_a_strangers_model_server_has_no_canary_and_no_files_and_is_well() -> None:
    facts = replace(HEALTHY, canary=Attempt("host"), callers=(), files=FilesFacts())
    found = judge(facts, ModelServerSettings())
    assert bad(found) == set()
    names = ("canary", "canary_from_caller", "manifest")
    assert {found[name].status for name in names} == {Status.NOT_CONFIGURED}


@pytest.mark.parametrize("facts", [replace(SILENT, age=3.0), replace(REFUSING, age=3.0)])
def test_what_was_just_started_is_neither_at_fault_nor_well(facts: ModelServerFacts) -> None:
    found = judge(facts)
    assert {status for name, status in bad(found) if name != "health"} == {"unknown"}
    assert "started only 3 s ago" in found["canary"].message


@pytest.mark.parametrize(
    "facts, loading",
    [
        (LOADING, True),
        (replace(LOADING, readiness=health(200, body={"status": "loading"}), canary=attempt()), False),
        (REFUSING, False),
        (SILENT, False),
        (replace(SILENT, hints=LogHints(loading=True)), False),
        (replace(HEALTHY, canary=attempt(Outcome.REFUSED, None), hints=LogHints(loading=True)), True),
        (replace(HEALTHY, canary=attempt(Outcome.REFUSED, None)), False),
        (replace(LOADING, state="paused"), False),
    ],
)
def test_it_is_loading_only_when_it_says_so_and_does_not_serve(facts: ModelServerFacts, loading: bool) -> None:
    assert judge(facts)["loading"].is_bad is loading


@pytest.mark.parametrize(
    "count, age, succeeds, loops",
    [
        (3, 60.0, False, True),
        (3, 600.0, False, False),
        (2, 5.0, False, True),
        (2, 30.0, False, False),
        (9, 5.0, True, False),
        (0, 5.0, False, False),
    ],
)
def test_a_running_container_is_in_a_crash_loop_when_it_is_young_and_was_restarted_often(
    count: int, age: float, succeeds: bool, loops: bool
) -> None:
    canary = attempt() if succeeds else attempt(Outcome.REFUSED, None)
    found = judge(replace(HEALTHY, restart_count=count, age=age, canary=canary))
    assert (found["crash_loop"].status is Status.CRITICAL) is loops


def test_the_reason_of_a_crash_loop_is_the_logs() -> None:
    hints = LogHints(reason="CUDA out of memory", reason_class="cuda_oom")
    found = judge(replace(HEALTHY, state="restarting", restart_count=5, exit_code=137, hints=hints))["crash_loop"]
    assert "CUDA out of memory" in found.message
    assert "SIGKILL" in found.message
    assert found.evidence == ("cuda_oom: CUDA out of memory",)


def test_one_restart_may_be_an_accident() -> None:
    assert judge(replace(HEALTHY, state="restarting", restart_count=1))["crash_loop"].status is Status.WARNING


@pytest.mark.parametrize(
    "states, canary, name, status",
    [
        ("SS", attempt(), "process_state", Status.OK),
        ("SR", attempt(), "process_state", Status.OK),
        ("ST", attempt(), "process_stopped", Status.CRITICAL),
        ("SZ", attempt(), "process_state", Status.WARNING),
        ("SD", attempt(), "process_state", Status.WARNING),
        ("SD", SILENT.canary, "process_state", Status.CRITICAL),
        ("St", attempt(), "process_stopped", Status.CRITICAL),
    ],
)
def test_a_state_is_judged_by_what_it_means_for_an_answer(
    states: str, canary: Attempt, name: str, status: Status
) -> None:
    processes = (process("main", states[0]), process("worker", states[1]))
    assert judge(replace(HEALTHY, canary=canary, processes=processes))[name].status is status


def test_a_health_check_that_somebody_else_runs_in_the_container_is_none_of_its_processes() -> None:
    processes = (*HEALTHY.processes, process("other", "Z"))
    found = judge(replace(HEALTHY, processes=processes))["process_state"]
    assert (found.status, found.message) == (Status.OK, "2 processes of m run in ordinary states.")


@pytest.mark.parametrize(
    "processes, error, status",
    [
        ((), "docker top did not answer in time", Status.UNKNOWN),
        ((), "", Status.UNKNOWN),
        ((process("main", ""),), "", Status.NOT_CONFIGURED),
    ],
)
def test_processes_that_cannot_be_seen_are_not_ok(processes: Any, error: str, status: Status) -> None:
    facts = replace(SILENT, processes=processes, processes_error=error)
    found = judge(facts)
    assert found["process_state"].status is status
    assert found["held"].status is Status.OK


def test_a_busy_worker_is_told_from_one_that_waits() -> None:
    busy = judge(replace(SILENT, processes=(process("main", "S"), process("worker", "R"))))["held"]
    asleep = judge(SILENT)["held"]
    assert "endless loop" in busy.message
    assert "lock" in asleep.message


@pytest.mark.parametrize(
    "change, status",
    [
        ({}, Status.WARNING),
        ({"canary": attempt(status=503)}, Status.CRITICAL),
        ({"canary": Attempt("host")}, Status.CRITICAL),
    ],
)
def test_damage_under_a_server_that_still_answers_is_a_warning(change: dict[str, Any], status: Status) -> None:
    facts = replace(damaged(HEALTHY), **change)
    assert judge(facts)["file_corrupt"].status is status


@pytest.mark.parametrize(
    "files, status",
    [
        (FilesFacts("manifest", error="no way"), Status.UNKNOWN),
        (FilesFacts("manifest", files=(ModelFile("m", 3),), hashed_because="x"), Status.UNKNOWN),
        (FilesFacts("manifest", "it is absent", (ModelFile("m", 3, sha256=A),), hashed_because="x"), Status.CRITICAL),
    ],
)
def test_files_that_cannot_be_read_after_a_failed_canary_are_unknown(files: FilesFacts, status: Status) -> None:
    found = judge(replace(REFUSING, files=files))
    assert status in {found[name].status for name in ("manifest", "file_corrupt") if name in found}


@pytest.mark.parametrize(
    "resources, name, status",
    [
        (Resources(reason="far away"), "memory", Status.NOT_CONFIGURED),
        (Resources(reason="far away"), "cpu_throttled", Status.NOT_CONFIGURED),
        (USED, "memory", Status.OK),
        (replace(USED, memory_bytes=95), "memory", Status.WARNING),
        (replace(USED, memory_limit=None), "memory", Status.OK),
        (replace(USED, oom_kills=2), "memory", Status.WARNING),
        (USED, "cpu_throttled", Status.OK),
        (replace(USED, periods=100, throttled_periods=10), "cpu_throttled", Status.OK),
        (replace(USED, periods=100, throttled_periods=60), "cpu_throttled", Status.WARNING),
    ],
)
def test_limits_are_held_against_the_thresholds(resources: Resources, name: str, status: Status) -> None:
    assert judge(HEALTHY, resources=resources)[name].status is status


def test_a_killed_process_explains_a_server_that_fails() -> None:
    found = judge(REFUSING, resources=replace(USED, oom_kills=1))["memory"]
    assert (found.status, found.value) == (Status.CRITICAL, 1)


GPU = Gpu(0, "A100", 100.0, 40960.0, 5.0)


@pytest.mark.parametrize(
    "devices, status",
    [
        (DeviceFacts(), Status.OK),
        (DeviceFacts(looked=True, error="there is no nvidia-smi in the container"), Status.OK),
        (DeviceFacts(("nvidia: all",), looked=True, gpus=(GPU,)), Status.OK),
        (DeviceFacts(("nvidia: all",), looked=True), Status.CRITICAL),
        (DeviceFacts(("nvidia: all",), looked=True, error="NVML mismatch"), Status.WARNING),
        (DeviceFacts(("nvidia: all",), looked=True, gpus=(replace(GPU, memory_used_mib=40_900.0),)), Status.WARNING),
    ],
)
def test_devices_that_were_given_must_be_seen(devices: DeviceFacts, status: Status) -> None:
    assert judge(replace(HEALTHY, devices=devices))["devices"].status is status
