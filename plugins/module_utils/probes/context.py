# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe of one kind of service is handed, and what it has to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    DockerCli,
    LogLine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpClient
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    HttpHealth,
    Resources,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene


@dataclass(frozen=True)
class ServiceContext:
    """One service and the means to look at it.

    :param containers: the service's containers, running or not.
    :param settings: the inventory's refinement; ``settings.model_server`` and its like are the kind's own part.
    :param base_url: ``http://127.0.0.1:8000``, by published port or container address; empty when there is no way.
    :param via: the way that ``base_url`` takes.
    :param callers: running containers of the services that depend directly on this one.
    :param peers: running containers of other services that share a network with it, callers left out.
    :param platform: all containers of the platform, running or not.
    :param needs: service -> the services it depends on.
    :param health_source: waits for what the health path answers; see :attr:`health`.
    :param resources: of the first running container.
    :param log: the last lines, raw: classify them, but show only what ``redactor`` made of them.
    :param sample: what was recorded of this service at the last run.
    :param thresholds: the limits.
    :param deadline: seconds that the probe may take as a whole.
    :param now: wall clock (s since the epoch).
    :param writing: False when a probe must not change anything or log in.
    :param forged_tokens: False shows no forged tokens, unless the look is thorough.
    :param thorough: True looks at what costs time as well, without a reason.
    :param scene: the whole platform, for a probe whose question is about several services.
    :param means: and the ways to them.
    """

    service: str
    containers: tuple[Container, ...]
    settings: ServiceSettings
    docker: DockerCli
    http: HttpClient
    redactor: Redactor
    thresholds: Thresholds
    deadline: float
    now: float
    base_url: str = ""
    via: str = "none"
    callers: tuple[Container, ...] = ()
    peers: tuple[Container, ...] = ()
    platform: tuple[Container, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    health_source: Callable[[], HttpHealth] | None = None
    resources: Resources = field(default_factory=Resources)
    log: tuple[LogLine, ...] = ()
    sample: Mapping[str, Any] = field(default_factory=dict)
    writing: bool = True
    forged_tokens: bool = True
    thorough: bool = False
    scene: Scene | None = None
    means: Means | None = None

    @property
    def health(self) -> HttpHealth | None:
        """What the health path answered. Waits for it: read it beside other looks, not before them."""
        return self.health_source() if self.health_source is not None else None

    @property
    def container(self) -> Container | None:
        """The container to look into: the first running one, else the first."""
        running_first = sorted(self.containers, key=lambda container: not container.running)
        return running_first[0] if running_first else None


class KindReport(Protocol):
    """What a kind's probe brings home."""

    def to_data(self) -> dict[str, Any]:
        """Plain data for the service's part of the result."""

    @property
    def sample(self) -> Mapping[str, Any]:
        """What to record for the next run; empty when nothing is new."""


class KindProbe(Protocol):
    """A probe for one kind of service. Plug it in by one line in ``probes/kinds.py``.

    :param name: the kind.
    :param writes: True when it changes something or logs in: it is left out under check mode and when switched off.
    :param judges_health: True when it judges the health answer itself, so that there is no second finding about it.
    """

    @property
    def name(self) -> str:
        """See above."""

    @property
    def writes(self) -> bool:
        """See above."""

    @property
    def judges_health(self) -> bool:
        """See above."""

    def seconds(self, context: ServiceContext) -> float:
        """The most that :meth:`probe` may take; the platform's probe deadline when that is longer."""

    def probe(self, context: ServiceContext) -> KindReport:
        """Look. Runs in a thread of its own; its caller holds the deadline."""

    def judge(self, context: ServiceContext, report: KindReport) -> tuple[Finding, ...]:
        """Judge what was seen. Pure."""
