# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a broker by the real probe, with a fake API, a client that answers from records and a moving clock."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from fake_broker import FakeApi, Request, json_answer, recorded
from scripted_runner import Reply, ScriptedRunner
from service_facts import NOW, container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import HttpAnswer
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    PortBinding,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import RabbitmqFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_settings import (
    RabbitmqSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import ServiceContext
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq import RabbitmqProbe

PORT = PortBinding(15672, "tcp", "127.0.0.1", 15672)
BROKER = container("mq", ports=(PORT,), addresses={"shop_default": "172.20.0.5"})
LOOK, AGAIN = recorded("ctl_look.stdout").decode(), recorded("ctl_again.stdout").decode()
CONSUMER_ADDRESS = next(
    one["channel_details"]["peer_host"]
    for one in json.loads(recorded("consumers.json"))
    if one["queue"]["name"] == "notifications"
)
MAILER = container("mailer", addresses={"shop_default": CONSUMER_ADDRESS})
GUEST, SECRET = "guest:guest", "monitor:s3cret-word"


class Time:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waited.append(round(seconds, 3))
        self.now += seconds


def environment(*variables: str) -> Reply:
    return json.dumps([{"Id": "mq-id", "Config": {"Env": list(variables)}}])


def context(http: FakeApi, runner: ScriptedRunner, **fields: Any) -> ServiceContext:
    told: dict[str, Any] = {
        "service": "mq",
        "containers": (BROKER,),
        "settings": ServiceSettings(rabbitmq=fields.pop("rabbitmq", RabbitmqSettings())),
        "docker": DockerCli(runner),
        "http": http,
        "redactor": Redactor(["s3cret-word"]),
        "thresholds": Thresholds(),
        "deadline": 5.0,
        "now": NOW,
        "platform": (BROKER, MAILER),
        "needs": {"mailer": ("mq",)},
        **fields,
    }
    return ServiceContext(**told)


def look(
    http: FakeApi | None = None, *replies: tuple[str, Reply], time: Time | None = None, **fields: Any
) -> RabbitmqFacts:
    moving = time or Time()
    runner = ScriptedRunner(*replies, ("inspect", environment()))
    return RabbitmqProbe(moving.clock, moving.pause).probe(context(http or FakeApi(), runner, **fields))


def totals(*counts: int) -> Callable[[Request], HttpAnswer]:
    """The queue `notifications` with so many messages, one number for each look."""
    left = list(counts)

    def tell(_request: Request) -> HttpAnswer:
        count = left.pop(0) if len(left) > 1 else left[0]
        return json_answer([{"name": "notifications", "vhost": "/", "messages": count, "messages_ready": count}])

    return tell


def login(request: Request) -> str:
    return base64.b64decode(request.login.removeprefix("Basic ")).decode()
