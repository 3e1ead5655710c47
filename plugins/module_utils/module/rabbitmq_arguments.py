# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share that act on one RabbitMQ service: options, the way to it, and the one place for errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.seconds import check_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq_service import (
    RabbitmqService,
    find_broker,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import ObserveOptions

RABBITMQ_SPEC: dict[str, Any] = {
    "project": {"type": "str", "default": ""},
    "name": {"type": "str", "default": "rabbitmq"},
    "services": {"type": "dict", "default": {}},
    "docker_cli": {"type": "str", "default": "docker"},
    "probe_deadline": {"type": "float", "default": 5.0},
}
"""See the doc fragment C(rabbitmq)."""

Options = Mapping[str, Any]
Act = Callable[[Options, RabbitmqService, bool, bool], "dict[str, Any]"]
"""Options, the broker, whether it is check mode, whether a diff is wanted -> result with ``changed``."""


def run_acting_module(argument_spec: Mapping[str, Any], act: Act, *, seconds: Sequence[str] = ()) -> None:
    """Run a module that acts on one broker.

    :param seconds: further options that are a number of seconds.
    """
    module = AnsibleModule(argument_spec={**RABBITMQ_SPEC, **argument_spec}, supports_check_mode=True)
    options, runner = module.params, SubprocessRunner()
    try:
        check_seconds(options, ["probe_deadline", *seconds])
        docker = DockerCli(runner, options["docker_cli"], deadline=options["probe_deadline"])
        wanted = ObserveOptions(
            project=options["project"] or None,
            services=read_services(options["services"]),
            probe_deadline=options["probe_deadline"],
        )
        broker = find_broker(docker, wanted, options["name"])
        result = act(options, broker, module.check_mode, module._diff)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    finally:
        runner.kill_all()
    module.exit_json(**result)
