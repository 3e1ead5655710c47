# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at one model server. Independent looks run side by side, so that a hung server costs its deadlines once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_images import readiness_path_of
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    DeviceFacts,
    FilesFacts,
    ModelServerFacts,
    Outcome,
    Process,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_log import read_log_hints
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import Canary
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HttpHealth,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server import (
    judge_model_server,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.http_health import (
    MOST_REQUESTS,
    find_target,
    probe_http_health,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_caller import (
    canary_from_container,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_canary import (
    canary_from_host,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_copy import (
    access_for,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_files import (
    SAMPLE_KEY,
    probe_files,
    sample_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_gpu import (
    probe_devices,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_processes import (
    probe_processes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.patience import (
    MOST_ANSWERS,
    ask_patiently,
)

_MAX_CALLERS = 3
_NO_WAY = (Outcome.REFUSED, Outcome.UNREACHABLE, Outcome.CONNECT_TIMED_OUT)
_CALL = 3.0
"""Seconds for one call of the docker client that only reads."""


class ModelServerProbe:
    """The probe of the kind ``model_server``; see :class:`KindProbe`.

    The canary computes and stores nothing, so it is no write. It is switched off by not configuring one.

    :param always_hash: hash the model files even when there is no reason to.
    :param always_ask_devices: look for nvidia-smi even when the container was given no device.
    """

    name = "model_server"
    writes = False
    judges_health = True

    def __init__(self, *, always_hash: bool = False, always_ask_devices: bool = False) -> None:
        self._always_hash = always_hash
        self._always_ask_devices = always_ask_devices

    def seconds(self, context: ServiceContext) -> float:
        """The most that :meth:`probe` may take; hashing large model files takes its time."""
        settings = context.settings.model_server
        readiness = MOST_REQUESTS * (context.settings.health.deadline + 1.0)
        # By a way that leads nowhere, and then from inside the container.
        inference = 2 * settings.canary.deadline + _CALL if settings.canary else 0.0
        # The others begin when the first has ended and the readiness is known.
        asking = max(inference, readiness) + (MOST_ANSWERS - 1) * inference + 2 * _CALL
        has_files = bool(settings.files or settings.manifest_path)
        return asking + (settings.hash_deadline + 4 * _CALL if has_files else 0.0)

    def probe(self, context: ServiceContext) -> ModelServerFacts:
        """Look: readiness, canaries, processes and devices side by side, then the files, when there is reason."""
        container = context.container
        if container is None:
            return ModelServerFacts(context.service, "missing")
        facts = ModelServerFacts(
            service=context.service,
            state=container.state,
            age=_age(container, context.now),
            restart_count=container.restart_count,
            exit_code=container.exit_code,
            start_period=container.start_period,
            hints=read_log_hints([line.text for line in context.log], context.redactor),
        )
        if container.running:
            facts = replace(facts, **self._ask(context, container))
        elif container.state != "paused":
            facts = replace(facts, files=_files(context, container, lambda: f"the container is {container.state}"))
        return replace(facts, sample=_new_sample(facts.files, context.sample))

    def _ask(self, context: ServiceContext, container: Container) -> dict[str, Any]:
        """What a running server tells, by the names of the facts. Only the hashing waits for the canary."""
        canary = context.settings.model_server.canary
        calling = _callers(context)
        with ThreadPoolExecutor(max_workers=5 + len(calling)) as pool:
            readiness = pool.submit(_readiness, context, container)
            patiently = partial(_infer_patiently, readiness, _latency_limit(context))
            host = pool.submit(patiently, partial(_canary, context, container, canary))

            def why_hash() -> str:
                return self._why_hash(context, host.result(), readiness.result())

            files = pool.submit(_files, context, container, why_hash)
            processes = pool.submit(_processes, context, container)
            devices = pool.submit(self._devices, context, container)
            callers = [
                pool.submit(patiently, partial(_from_caller, context, container, canary, caller)) for caller in calling
            ]
            seen, error = processes.result()
            return {
                "readiness": readiness.result(),
                "canary": host.result(),
                "callers": tuple(caller.result() for caller in callers),
                "processes": seen,
                "processes_error": error,
                "devices": devices.result(),
                "files": files.result(),
            }

    def _why_hash(self, context: ServiceContext, canary: Attempt, readiness: HttpHealth) -> str:
        if self._always_hash or context.thorough:
            return "it was asked for"
        if canary.was_tried:
            return "" if canary.succeeded else "the canary failed"
        return "the server is not ready" if readiness.was_asked and not _is_ready(readiness) else ""

    def _devices(self, context: ServiceContext, container: Container) -> DeviceFacts:
        ask = self._always_ask_devices or bool(container.devices)
        return probe_devices(context.docker, container.id, container.devices, context.redactor, ask=ask, deadline=_CALL)

    def judge(self, context: ServiceContext, report: KindReport) -> tuple[Finding, ...]:
        """See :func:`judge_model_server`; nothing when there is no container, which is a finding of its own."""
        if not isinstance(report, ModelServerFacts) or report.state == "missing":
            return ()
        return judge_model_server(
            ServiceFacts(context.service, "model_server", context.containers),
            report,
            context.settings,
            context.resources,
            context.thresholds,
            context.now,
        )


def _readiness(context: ServiceContext, container: Container) -> HttpHealth:
    """What the health path answered, or the readiness path of the inventory or of a known model server."""
    path = context.settings.model_server.readiness_path
    if not path and not context.settings.health.path and container.health_target is None:
        path = readiness_path_of(container.image)
    target = find_target(container, "model_server", context.settings)
    if path and target is not None:
        wanted = replace(target, path=path, path_known=True)
        deadline = context.settings.health.deadline
        return probe_http_health(container, wanted, context.http, context.docker, context.redactor, deadline)
    return context.health or HttpHealth()


def _is_ready(readiness: HttpHealth) -> bool:
    return readiness.was_asked and not readiness.failure and (readiness.status or 0) < 400


def _latency_limit(context: ServiceContext) -> float:
    return context.settings.model_server.latency_limit_ms or context.thresholds.canary_latency_ms


def _infer_patiently(readiness: Future[HttpHealth], limit_ms: float, infer: Callable[[], Attempt]) -> Attempt:
    """Infer, and again when that was late although the server says that it is ready.

    :param limit_ms: a success that takes longer is late, as is no answer to a request that was taken.
    """

    def is_slow(attempt: Attempt) -> bool:
        return (attempt.latency_ms or 0.0) > limit_ms

    def is_late(attempt: Attempt) -> bool:
        late = is_slow(attempt) if attempt.succeeded else attempt.outcome is Outcome.ANSWER_TIMED_OUT
        return late and _is_ready(readiness.result())

    counted, late = ask_patiently(
        infer,
        is_late=is_late,
        tells=lambda attempt: attempt.was_tried,
        is_good=lambda attempt: attempt.succeeded and not is_slow(attempt),
    )
    return counted if late is None else replace(counted, late_after_ms=late.latency_ms)


def _canary(context: ServiceContext, container: Container, canary: Canary | None) -> Attempt:
    """By the first way; when that leads nowhere, by the one that its health took."""
    if canary is None:
        return Attempt("host", error="none is configured")
    first = Attempt("host", error="there is no way to it")
    if context.base_url:
        first = canary_from_host(context.http, context.base_url, context.via, canary, context.redactor)
        if first.outcome not in _NO_WAY:
            return first
    health = context.health
    if health is None or health.failure or health.via == context.via:
        return first
    parts = urlsplit(health.url)
    if health.via == "exec":
        # Nothing of it can be reached from here, so it is asked from inside.
        url = f"{parts.scheme}://{parts.netloc}{canary.path}"
        return canary_from_container(context.docker, container.id, context.service, url, canary, context.redactor)
    if health.was_asked:
        return canary_from_host(context.http, f"{parts.scheme}://{parts.netloc}", health.via, canary, context.redactor)
    return first


def _from_caller(context: ServiceContext, container: Container, canary: Canary | None, caller: Container) -> Attempt:
    if canary is None:
        return Attempt(caller.service, error="none is configured")
    target = find_target(container, "model_server", context.settings)
    if target is None or target.scheme != "http":
        return Attempt(caller.service, error="its port is not known, or it does not speak plain HTTP")
    if not set(caller.addresses) & set(container.addresses) - {"host", "none"}:
        return Attempt(caller.service, error=f"{caller.service} shares no network with it")
    url = f"http://{context.service}:{target.port}{canary.path}"
    return canary_from_container(context.docker, caller.id, caller.service, url, canary, context.redactor)


def _callers(context: ServiceContext) -> Sequence[Container]:
    """One running container of each calling service: those the inventory names, else direct dependants, else a peer."""
    named = context.settings.model_server.callers
    running: dict[str, Container] = {}
    for container in (*context.callers, *context.peers):
        running.setdefault(container.service, container)
    if named is not None:
        return [running[service] for service in named if service in running]
    direct = list(dict.fromkeys(container.service for container in context.callers))[:_MAX_CALLERS]
    first = direct or [container.service for container in context.peers][:1]
    return [running[service] for service in first]


def _processes(context: ServiceContext, container: Container) -> tuple[tuple[Process, ...], str]:
    return probe_processes(context.docker, container.id, container.pid, context.redactor, deadline=_CALL)


def _files(context: ServiceContext, container: Container, reason_to_hash: Callable[[], str]) -> FilesFacts:
    ways = access_for(context.docker, container.id, running=container.running, deadline=_CALL)
    return probe_files(ways, context.settings.model_server, context.sample, reason_to_hash=reason_to_hash)


def _new_sample(files: FilesFacts, recorded: Mapping[str, Any]) -> dict[str, Any]:
    sample = sample_of(files)
    return sample if sample.get(SAMPLE_KEY) != recorded.get(SAMPLE_KEY) else {}


def _age(container: Container, now: float) -> float | None:
    """Seconds since the start; None when it never started."""
    started = epoch_seconds(container.started_at)
    return max(0.0, now - started) if started else None
