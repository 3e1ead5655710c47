# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A platform on which every control passes, of which a test says what is different.

It is put together from the facts of the probes and judged by their own judges, so that its shape is the real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from service_facts import NOW, answered, container, service

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.backup_facts import (
    BackupState,
    Listing,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.clock_facts import (
    ClockFacts,
    ClockReading,
    HostClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_facts import CrashFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import (
    ContainerLog,
    DiskFacts,
    FileSystem,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    Attempt,
    FilesFacts,
    ModelFile,
    ModelServerFacts,
    Outcome,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    Canary,
    ModelServerSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    PortBinding,
    Resources,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    Configuration,
    PostgresFacts,
    Role,
    Server,
    Volume,
    WriteProbe,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_queries_facts import (
    QueriesFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    API,
    ConsumerService,
    Node,
    Queue,
    RabbitmqFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Answer as RedisAnswer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Memory,
    Persistence,
    RedisFacts,
    Write,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_facts import (
    Server as RedisServer,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import (
    Fingerprinter,
    SecretFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import (
    LoginFacts,
    TokenAnswer,
    TrustFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.crash import judge_crashes
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.disk import judge_disk
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.model_server import (
    judge_model_server,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.observation import judge_engine
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.postgres import judge_postgres
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.rabbitmq import judge_rabbitmq
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.redis import judge_redis
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.service import judge_service
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.token import judge_trust
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import service_data
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.checks import CHECKS
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.judge import judge_controls
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import (
    Asked,
    Control,
    Result,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.reading import (
    read_controls,
    read_limits,
    read_waivers,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import Seen
from checkout import ROOT

TODAY = date(2026, 2, 27)
LIMITS = Thresholds()
SECRET = "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15"
FINGERPRINTS = Fingerprinter(b"k" * 32, "shop")
GOOD_DIGEST = "a" * 64


def readings(**values: str) -> dict[str, Any]:
    """Service -> what may be told of its secret."""
    return {name: FINGERPRINTS.read(value, "environment", "JWT_SECRET") for name, value in values.items()}


def secrets(running: Mapping[str, str], **fields: Any) -> SecretFacts:
    """The secrets of the services; the Compose files say :data:`SECRET` for each of them."""
    desired = readings(**dict.fromkeys(running, SECRET))
    return SecretFacts(running=readings(**running), desired=desired, keyed=True, **fields)


ACCEPTED, REFUSED = TokenAnswer("accepted", status=200), TokenAnswer("refused", "signature", 401)
TRUST = TrustFacts(
    issuer="users",
    secrets=secrets({"users": SECRET, "web": SECRET}, recorded={"source": readings(web=SECRET)["web"].fingerprint,
                                                                 "running": {}}),
    clocks=ClockFacts(
        HostClock("chrony", True, 0.001, "This host's clock is 0.001 s off NTP."),
        {"web": ClockReading("Date header", 0.2, 0.5)},
    ),
    login=LoginFacts("ok", "", 200, 12.0, 3600.0, "HS256"),
    shown="issued",
    matrix={"issued": {"web": ACCEPTED}, "tampered": {"web": REFUSED}, "expired": {"web": REFUSED}},
    lifetimes={"users": {"TOKEN_TTL": "3600"}, "web": {"TOKEN_TTL": "3600"}},
    verifiers=("web",),
)  # fmt: skip
POSTGRES = PostgresFacts(
    "db",
    "running",
    Answer.OK,
    via="exec",
    latency_ms=90.0,
    port="open",
    server=Server(150018, "op", "shop", "/data", 40, 3, 0, False, True, 900.0),
    write=WriteProbe(True),
    volumes=(Volume("/data", 100 << 30, 40 << 30, 60 << 30, 1000, 10),),
    queries=QueriesFacts(True, "pg_stat_statements"),
    configuration=Configuration(
        {
            "idle_in_transaction_session_timeout": "60000",
            "log_min_duration_statement": "500",
            "password_encryption": "scram-sha-256",
        },
        (Role("op", True), Role("app", False)),
    ),
    users={"web": "app"},
)
REDIS = RedisFacts(
    "cache",
    "running",
    RedisAnswer.OK,
    via="exec",
    server=RedisServer(
        version="7.0.15",
        role="master",
        clients=3,
        most_clients=100,
        memory=Memory(used=10 << 20, limit=64 << 20, policy="noeviction"),
    ),
    write=Write.OK,
    persistence=Persistence.RDB,
)
WORK = Queue("/", "mails", 0, 0, 0, consumers=1, services=(ConsumerService("web"),), dead_letter=True)
RABBITMQ = RabbitmqFacts(
    "broker",
    "running",
    alive=True,
    via=f"{API}, published port",
    nodes=(Node("rabbit@broker", True, 100, 1000, False, 10_000, 1000, False),),
    queues=(WORK, Queue("/", "mails.dlq", 3, 3, 0, dead_letter=False)),
    guest=False,
)
MODEL_FILE = ModelFile("model.json", 100, 1, GOOD_DIGEST, None, GOOD_DIGEST, 100)
MODEL = ModelServerFacts(
    "model",
    "running",
    age=900.0,
    readiness=answered(),
    canary=Attempt("host", "published port", "http://m/predict", Outcome.ANSWERED, 200, 20.0),
    files=FilesFacts("manifest", "", (MODEL_FILE,), "", "it was asked for"),
)
MODEL_SETTINGS = ServiceSettings(model_server=ModelServerSettings(canary=Canary("/predict"), model_dir="/app/models"))
DISK = DiskFacts("/var/lib/docker", 1, (FileSystem("/", 1, 1000, 300, 700, 100, 90),))
BACKUP = BackupState(
    "/srv/backups", "*.dump", 3, "b.dump", 3600.0, 100, Listing("sound", "PostgreSQL archive", "9 are")
)
INCIDENT = {
    "id": "INC-2026-02-20-001",
    "platform": "shop",
    "severity": "P1",
    "state": "reviewed",
    "opened_at": "2026-02-20T10:00:00Z",
    "resolved_at": "2026-02-20T10:10:00Z",
    "response_due": "2026-02-20T10:15:00Z",
    "response": "met",
    "review_due": "2026-02-22T10:10:00Z",
    "reviewed_at": "2026-02-21T10:10:00Z",
}
USED = Resources(True, memory_bytes=10 << 20, memory_limit=100 << 20, oom_kills=0)


def proper(name: str, **fields: Any) -> Container:
    """A container that is configured as it should be."""
    good = container(
        name,
        restart_policy="unless-stopped",
        health="healthy",
        health_check=True,
        memory_limit=100 << 20,
        log_driver="json-file",
        image=f"registry.example/{name}:1.4.2",
        ports=(PortBinding(8080, "tcp", "127.0.0.1", 8080),),
    )
    return replace(good, **fields)


@dataclass(frozen=True)
class Estate:
    """The platform: six services, the host and the record.

    :param web: what is different of the container of ``web``, :param service: of the service, :param log: of its log.
    :param every_container: what is different of each container, :param every: of each service.
    :param used: bytes of memory that each container takes of its 100 MiB.
    """

    web: Mapping[str, Any] = field(default_factory=dict)
    service: Mapping[str, Any] = field(default_factory=dict)
    crashes: CrashFacts = field(default_factory=CrashFacts)
    trust: TrustFacts | None = TRUST
    postgres: PostgresFacts | None = POSTGRES
    redis: RedisFacts | None = REDIS
    rabbitmq: RabbitmqFacts | None = RABBITMQ
    model: ModelServerFacts | None = MODEL
    log: Mapping[str, Any] = field(default_factory=dict)
    every: Mapping[str, Any] = field(default_factory=dict)
    every_container: Mapping[str, Any] = field(default_factory=dict)
    logs: bool = True
    used: int = 10 << 20
    disk: DiskFacts = DISK
    backups: tuple[BackupState, ...] = (BACKUP,)
    record: Mapping[str, Any] = field(default_factory=lambda: {"available": True})
    engine_answers: bool = True

    def observed(self) -> dict[str, Any]:
        """What ``platform_info`` would return."""
        if not self.engine_answers:
            return self._data({}, [judge_engine(answers=False, message="Cannot connect to the Docker daemon.")])
        found: list[Any] = [judge_engine(answers=True, message="Docker 24.0.5 answers.")]
        shown: dict[str, Any] = {}
        for name, kind, report, judged in self._services():
            facts = self._facts(name, kind)
            shown[name] = service_data(facts, report)
            found += judge_service(facts, ServiceSettings().health, LIMITS, NOW, with_health=kind != "model_server")
            found += judged
        found += judge_crashes(self._facts("web", "http"), self.crashes, LIMITS, NOW, in_trouble=False)
        found += judge_disk(self._disk(), LIMITS, NOW)
        return self._data(shown, found)

    def _services(self) -> Iterable[tuple[str, str, Any, Iterable[Any]]]:
        yield "web", "http", None, ()
        trust, postgres, redis, rabbitmq, model = self.trust, self.postgres, self.redis, self.rabbitmq, self.model
        yield "users", "token_issuer", trust, judge_trust(trust, LIMITS) if trust else ()
        yield "db", "postgres", postgres, judge_postgres(postgres, LIMITS) if postgres else ()
        yield "cache", "redis", redis, judge_redis(redis, LIMITS) if redis else ()
        yield "broker", "rabbitmq", rabbitmq, judge_rabbitmq(rabbitmq) if rabbitmq else ()
        facts = self._facts("model", "model_server")
        judged = judge_model_server(facts, model, MODEL_SETTINGS, USED, LIMITS, NOW) if model else ()
        yield "model", "model_server", model, judged

    def _facts(self, name: str, kind: str) -> ServiceFacts:
        mine = name == "web"
        one = proper(name, **{**self.every_container, **(self.web if mine else {})})
        used = {one.id: replace(USED, memory_bytes=self.used)}
        different = {**self.every, **(self.service if mine else {})}
        return service(one, service=name, kind=kind, resources=used, **different)

    def _disk(self) -> DiskFacts:
        names = ("web", "users", "db", "cache", "broker", "model")
        logs = tuple(
            replace(
                ContainerLog(name, f"{name}-id", f"shop-{name}-1", "/log", "json-file", "10m", 1000, 1),
                **(self.log if name == "web" else {}),
            )
            for name in names
        )
        return replace(self.disk, logs=logs if self.logs else ())

    def _data(self, shown: Mapping[str, Any], found: Iterable[Any]) -> dict[str, Any]:
        return {
            "engine": {"answers": self.engine_answers, "message": ""},
            "platform": {"project": "shop", "compose_files": ["/srv/shop/compose.yaml"]},
            "services": dict(shown),
            "host": {"disk": self._disk().to_data(), "backups": [backup.to_data() for backup in self.backups]},
            "findings": [finding.to_data() for finding in found],
            "record": dict(self.record),
            "duration_ms": 400,
        }


@cache
def control_data() -> tuple[Mapping[str, Any], ...]:
    """The controls as the role's data says them."""
    text = (ROOT / "roles" / "compliance" / "vars" / "main.yml").read_text(encoding="utf-8")
    return tuple(yaml_load(text)["__compliance_controls"])


def controls() -> tuple[Control, ...]:
    """The same, read."""
    return read_controls(control_data(), CHECKS)


def seen(estate: Estate, incidents: Iterable[Mapping[str, Any]] | None = (INCIDENT,), **asked: Any) -> Seen:
    """What a run has before it."""
    waivers = read_waivers(asked.get("waivers", ()), controls(), TODAY)
    wanted = Asked(waivers, asked.get("ports", {}), read_limits(asked.get("limits", {})))
    return Seen(estate.observed(), None if incidents is None else list(incidents), NOW, wanted)


def judged(
    estate: Estate, incidents: Iterable[Mapping[str, Any]] | None = (INCIDENT,), **asked: Any
) -> dict[str, Result]:
    """Id -> result of every control."""
    return {result.control.id: result for result in judge_controls(controls(), seen(estate, incidents, **asked))}
