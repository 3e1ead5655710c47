# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    DockerCli,
    LogLine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    Failure,
    HttpAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    ModelServerFacts,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HealthTarget,
    HttpHealth,
    PortBinding,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import ServiceContext
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server import (
    ModelServerProbe,
)

NOW = 1_772_193_600.0
HOST = "http://127.0.0.1:18000"
ADDRESS = "http://10.0.0.2:8000"
SETTINGS = {"canary": {"path": "/predict", "body": {"x": 1}, "deadline": 1}, "model_dir": "/app/models"}
TOP = "PID PPID STAT %CPU RSS ELAPSED COMMAND\n7 1 Ss 0.1 100 60 serve\n8 7 S 0.1 100 60 worker\n"
DIGEST = "a" * 64
LOOK = f'dir ok\nfile 80 5 ./model.bin\n\nend\nmanifest ok\n{{"model.bin": "{DIGEST}"}}'.encode()
CALLED = b'{"score": 1}\n#attempt client=curl status=200 connect=0.001 total=0.010 exit=0\n'


class Http:
    """Answers by the beginning of the address; what has no answer is refused."""

    def __init__(self, **answers: HttpAnswer) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def request(self, method: str, url: str, **_rest: Any) -> HttpAnswer:
        with self._lock:
            self.asked.append(url)
        found = next((answer for start, answer in self.answers.items() if url.startswith(start)), None)
        return found or HttpAnswer(url, failure=Failure.REFUSED, error="It refuses.")


def inside(argv: Sequence[str]) -> Reply:
    """The three scripts that run in containers, told apart by what they do."""
    script = " ".join(argv)
    if "sha256sum <" in script:
        return f"0 {DIGEST}\n"
    if "find -L" in script:
        return answered(LOOK)
    return answered(CALLED)


def container(service: str, **parts: Any) -> Container:
    given: dict[str, Any] = {"state": "running", "addresses": {"net": "10.0.0.2"}, "pid": 7, **parts}
    given.setdefault("started_at", "2026-02-27T11:59:00Z")
    return Container(f"{service}-id", f"{service}-1", service, **given)


def server(**parts: Any) -> Container:
    given = {"ports": (PortBinding(8000, "tcp", "127.0.0.1", 18000),), "health_target": HealthTarget(8000, "/health")}
    return container("m", **{**given, **parts})


def context(
    http: Http,
    runner: ScriptedRunner,
    *,
    settings: dict[str, Any] | None = None,
    model: Container | None = None,
    health: HttpHealth | None = None,
    **parts: Any,
) -> ServiceContext:
    found = model or server()
    answer = health or HttpHealth("published port", "m-1", f"{HOST}/health", 200, 3.0)
    given: dict[str, Any] = {"base_url": HOST if found.running else "", "via": "published port", **parts}
    return ServiceContext(
        service="m",
        containers=(found,),
        settings=read_services({"m": {"model_server": SETTINGS if settings is None else settings}})["m"],
        docker=DockerCli(runner),
        http=http,
        redactor=Redactor(),
        thresholds=Thresholds(),
        deadline=5.0,
        now=NOW,
        health_source=lambda: answer,
        **given,
    )


def answering() -> Http:
    return Http(**{HOST: HttpAnswer(HOST, 200, b'{"score": 1}', latency=0.02, connected=True)})


def running() -> ScriptedRunner:
    return ScriptedRunner(("exec", inside), ("top", TOP))


def probe(seen: ServiceContext, **options: bool) -> ModelServerFacts:
    return ModelServerProbe(**options).probe(seen)


def executed(runner: ScriptedRunner, what: str) -> list[tuple[str, ...]]:
    return [call for call in runner.calls if call[1] == "exec" and what in " ".join(call)]


def test_a_healthy_server_is_looked_at_from_all_sides() -> None:
    runner = running()
    seen = context(answering(), runner, callers=(container("web"),))
    facts = probe(seen)
    assert facts.canary.succeeded
    assert [caller.vantage for caller in facts.callers] == ["web"]
    assert facts.callers[0].url == "http://m:8000/predict"
    assert [process.role for process in facts.processes] == ["main", "worker"]
    assert facts.age == 60.0
    assert facts.sample == {"model_files": {"model.bin": {"size": 80, "modified": 5}}}
    assert not executed(runner, "sha256sum <")
    assert not executed(runner, "nvidia-smi")
    assert {finding.status.value for finding in ModelServerProbe().judge(seen, facts)} == {"ok", "not_configured"}


def test_what_is_recorded_already_is_no_new_sample() -> None:
    recorded = {"model_files": {"model.bin": {"size": 80, "modified": 5}}}
    assert probe(context(answering(), running(), sample=recorded)).sample == {}


@pytest.mark.parametrize(
    "answer", [HttpAnswer(HOST, 503, b"{}"), HttpAnswer(HOST, failure=Failure.DEADLINE, connected=True)]
)
def test_the_files_are_hashed_when_the_canary_fails(answer: HttpAnswer) -> None:
    runner = running()
    facts = probe(context(Http(**{HOST: answer}), runner))
    assert facts.files.files[0].sha256 == DIGEST
    assert facts.files.hashed_because == "the canary failed"


def test_without_a_canary_the_files_are_hashed_when_the_server_is_not_ready() -> None:
    bad = HttpHealth("published port", "m-1", f"{HOST}/health", 503, 3.0)
    facts = probe(context(Http(), running(), settings={"model_dir": "/app/models"}, health=bad))
    assert facts.files.hashed_because == "the server is not ready"
    assert not facts.canary.was_tried


def test_everything_can_be_asked_for() -> None:
    runner = running()
    facts = probe(context(answering(), runner), always_hash=True, always_ask_devices=True)
    assert facts.files.hashed_because == "it was asked for"
    assert executed(runner, "nvidia-smi")


def test_a_thorough_look_hashes_the_files_of_a_server_that_is_well() -> None:
    facts = probe(context(answering(), running(), thorough=True))
    assert facts.canary.succeeded
    assert (facts.files.files[0].sha256, facts.files.hashed_because) == (DIGEST, "it was asked for")


@pytest.mark.parametrize("state", ["exited", "restarting", "created"])
def test_a_container_that_does_not_run_is_not_asked_and_its_files_are_read_by_copy(state: str) -> None:
    runner = ScriptedRunner(("cp", answered(stderr="Could not find the file", exit_code=1)))
    http = Http()
    facts = probe(context(http, runner, model=server(state=state, pid=0), callers=(container("web"),)))
    assert (http.asked, {call[1] for call in runner.calls}) == ([], {"cp"})
    assert facts.files.manifest_error == "it is absent"


def test_a_paused_container_is_left_alone() -> None:
    runner = ScriptedRunner()
    facts = probe(context(Http(), runner, model=server(state="paused"), callers=(container("web"),)))
    assert (facts.state, runner.calls) == ("paused", [])


def test_a_service_without_a_container_has_no_findings() -> None:
    seen = context(Http(), ScriptedRunner())
    gone = ServiceContext(**{**vars(seen), "containers": ()})
    assert ModelServerProbe().judge(gone, probe(gone)) == ()


@pytest.mark.parametrize(
    "via, url, expected",
    [("container address", f"{ADDRESS}/health", f"{ADDRESS}/predict"), ("exec", "http://localhost:8000/health", None)],
)
def test_the_canary_takes_the_way_of_the_health_when_the_first_leads_nowhere(
    via: str, url: str, expected: str | None
) -> None:
    http = Http(**{ADDRESS: HttpAnswer(ADDRESS, 200, b'{"score": 1}', connected=True)})
    runner = running()
    facts = probe(context(http, runner, health=HttpHealth(via, "m-1", url, 200, 3.0)))
    assert facts.canary.succeeded
    assert facts.canary.via == via
    assert (http.asked[-1] == expected) is (expected is not None)


def test_a_port_that_nobody_publishes_any_more_is_not_hidden_when_there_is_no_other_way() -> None:
    refused = HttpHealth("published port", "m-1", f"{HOST}/health", failure="refused")
    assert probe(context(Http(), running(), health=refused)).canary.outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "settings, callers, peers, asked",
    [
        ({}, ("web", "web", "batch"), ("redis",), ["web", "batch"]),
        ({}, ("a", "b", "c", "d"), (), ["a", "b", "c"]),
        ({}, (), ("redis", "other"), ["redis"]),
        ({}, (), (), []),
        ({"caller": False}, ("web",), (), []),
        ({"caller": {"service": "redis"}}, ("web",), ("redis",), ["redis"]),
        ({"caller": {"service": "gone"}}, ("web",), (), []),
    ],
)
def test_the_callers_are_those_named_else_direct_dependants_else_a_peer(
    settings: dict[str, Any], callers: tuple[str, ...], peers: tuple[str, ...], asked: list[str]
) -> None:
    seen = context(
        answering(),
        running(),
        settings={**SETTINGS, **settings},
        callers=tuple(container(name) for name in callers),
        peers=tuple(container(name) for name in peers),
    )
    assert [attempt.vantage for attempt in probe(seen).callers] == asked


@pytest.mark.parametrize("addresses", [{}, {"other": "10.1.0.9"}, {"host": ""}])
def test_a_caller_on_another_network_tells_nothing(addresses: dict[str, str]) -> None:
    model = server(addresses={"net": "10.0.0.2", "host": ""})
    seen = context(answering(), running(), model=model, callers=(container("web", addresses=addresses),))
    (attempt,) = probe(seen).callers
    assert (attempt.was_tried, attempt.error) == (False, "web shares no network with it")


@pytest.mark.parametrize(
    "image, settings, path",
    [
        ("vllm/vllm-openai:1", {}, None),
        ("nvcr.io/nvidia/tritonserver:1", {}, "/v2/health/ready"),
        ("nvcr.io/nvidia/tritonserver:1", {"readiness_path": "/mine"}, "/mine"),
        ("unknown", {}, None),
    ],
)
def test_a_known_image_or_the_inventory_names_the_readiness_path(
    image: str, settings: dict[str, str], path: str | None
) -> None:
    http = answering()
    probe(context(http, running(), settings=settings, model=server(image=image, health_target=None)))
    wanted = path or ("/health" if "vllm" in image else None)
    assert http.asked == ([f"{HOST}{wanted}"] if wanted else [])


INFERRED = HttpAnswer(HOST, 200, b'{"score": 1}', latency=0.02, connected=True)
SLOW = HttpAnswer(HOST, 200, b'{"score": 1}', latency=2.5, connected=True)
HANGS = HttpAnswer(HOST, failure=Failure.DEADLINE, latency=1.0, connected=True)
REFUSES = HttpAnswer(HOST, 503, b"{}", latency=0.02, connected=True)


class HttpInTurn(Http):
    """Answers one inference after the other."""

    def __init__(self, *answers: HttpAnswer) -> None:
        super().__init__()
        self.left = list(answers)

    def request(self, method: str, url: str, **rest: Any) -> HttpAnswer:
        super().request(method, url, **rest)
        return self.left.pop(0)


@pytest.mark.parametrize(
    "answers, succeeded, late_after_ms",
    [
        ([INFERRED], True, None),
        ([HANGS, INFERRED, INFERRED], True, 1000.0),
        ([SLOW, INFERRED, INFERRED], True, 2500.0),
        ([HANGS, INFERRED, HANGS], False, 1000.0),
        ([SLOW, SLOW], True, 2500.0),
        ([HANGS, HANGS], False, 1000.0),
        ([HANGS, REFUSES], False, 1000.0),
        # It said so at once: there is nothing to wait for.
        ([REFUSES], False, None),
    ],
    ids=["in time", "hung once", "slow once", "hung by turns", "slow", "hung", "refused in the end", "refused"],
)
def test_a_late_inference_of_a_server_that_is_ready_is_tried_again(
    answers: list[HttpAnswer], succeeded: bool, late_after_ms: float | None
) -> None:
    http = HttpInTurn(*answers)

    canary = probe(context(http, running())).canary

    assert (canary.succeeded, canary.late_after_ms) == (succeeded, late_after_ms)
    assert http.left == []


@pytest.mark.parametrize("health", [{"failure": "deadline"}, {"status": 503}], ids=["silent", "not ready"])
def test_a_late_inference_of_a_server_that_is_not_ready_costs_its_deadline_once(health: dict[str, Any]) -> None:
    not_ready = HttpHealth("published port", "m-1", f"{HOST}/health", **health)

    canary = probe(context(HttpInTurn(HANGS), running(), health=not_ready)).canary

    assert (canary.outcome, canary.late_after_ms) == (Outcome.ANSWER_TIMED_OUT, None)


def test_a_late_inference_from_a_callers_network_is_tried_again() -> None:
    late = b"#attempt client=curl status=000 connect=0.001 total=1.000 exit=28\n"
    replies = [late, CALLED, CALLED]
    runner = ScriptedRunner(("exec web-id", lambda _argv: replies.pop(0)), ("exec", inside), ("top", TOP))

    (caller,) = probe(context(answering(), runner, callers=(container("web"),))).callers

    assert (caller.succeeded, caller.late_after_ms, replies) == (True, 1000.0, [])


def test_the_log_tells_that_it_loads() -> None:
    assert probe(context(answering(), running(), log=(LogLine("", "loading model weights"),))).hints.loading


@pytest.mark.parametrize("then", [hung(3.0), answered(exit_code=126)], ids=["docker hangs", "the caller has gone"])
def test_a_later_inference_that_cannot_be_carried_out_leaves_what_the_first_one_saw(then: Reply) -> None:
    replies = [b"#attempt client=curl status=000 connect=0.001 total=1.000 exit=28\n", then]
    runner = ScriptedRunner(("exec web-id", lambda _argv: replies.pop(0)), ("exec", inside), ("top", TOP))

    (caller,) = probe(context(answering(), runner, callers=(container("web"),))).callers

    assert (caller.outcome, caller.late_after_ms, replies) == (Outcome.ANSWER_TIMED_OUT, 1000.0, [])


@pytest.mark.parametrize("limit_ms, late_after_ms", [(None, None), (10.0, 20.0)])
def test_what_is_late_is_said_by_the_limit_of_the_server_itself(
    limit_ms: float | None, late_after_ms: float | None
) -> None:
    own = {"latency_limit_ms": limit_ms} if limit_ms else {}
    canary = probe(context(answering(), running(), settings={**SETTINGS, **own})).canary
    assert (canary.late_after_ms, canary.to_data()["late_after_ms"]) == (late_after_ms, late_after_ms)


def test_any_number_of_callers_infers_side_by_side() -> None:
    names = [f"c{number}" for number in range(12)]
    together = threading.Barrier(len(names), timeout=10.0)

    def called(argv: Sequence[str]) -> Reply:
        together.wait()
        return answered(CALLED)

    runner = ScriptedRunner(*[(f"exec {name}-id", called) for name in names], ("exec", inside), ("top", TOP))
    settings = {**SETTINGS, "caller": {"service": names}}
    callers = tuple(container(name) for name in names)

    facts = probe(context(answering(), runner, settings=settings, callers=callers))

    assert [caller.succeeded for caller in facts.callers] == [True] * len(names)


def test_three_inferences_by_two_ways_each_have_their_time() -> None:
    """By a way that leads nowhere, then from inside, where docker has a grace of two seconds."""
    settings = {"canary": {"path": "/predict", "deadline": 5}}
    assert ModelServerProbe().seconds(context(Http(), ScriptedRunner(), settings=settings)) >= 3 * (5.0 + 5.0 + 2.0)


@pytest.mark.parametrize(
    "settings, least, most", [({}, 6.0, 30.0), ({"model_dir": "/m", "hash_deadline": 900}, 900.0, 1000.0)]
)
def test_hashing_large_files_is_given_its_time(settings: dict[str, Any], least: float, most: float) -> None:
    seconds = ModelServerProbe().seconds(context(Http(), ScriptedRunner(), settings=settings))
    assert least <= seconds <= most
