# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share that look at or act on one Redis service: options, the way to it, one place for errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import (
    CommandRunner,
    SubprocessRunner,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import (
    ServiceSettings,
    read_services,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.seconds import check_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis import RedisProbe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis_server import (
    RedisServer,
    find_redis,
)

REDIS_SPEC: dict[str, Any] = {
    "project": {"type": "str", "default": ""},
    "name": {"type": "str", "default": "redis"},
    "services": {"type": "dict", "default": {}},
    "docker_cli": {"type": "str", "default": "docker"},
    "probe_deadline": {"type": "float", "default": 5.0},
}
"""See the doc fragment C(redis)."""

Options = Mapping[str, Any]


def look_at_redis(options: Options, runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """``engine``, ``findings`` and ``redis`` of the service that the options name."""
    name = options["name"]
    wanted = observe_options(options, check_mode=check_mode)
    settings = replace(wanted.services.get(name, ServiceSettings()), kind="redis")
    probe = RedisProbe()
    only = replace(wanted, only=(name,), services={**wanted.services, name: settings})
    data = platform_data(observe(only, real_means(options, runner), kinds={probe.name: probe}), options["project"])
    findings = [finding for finding in data["findings"] if finding["service"] in ("", name)]
    return {
        "engine": data["engine"],
        "findings": findings,
        "redis": data["services"].get(name, {}).get("redis", {}),
    }


def run_acting_module(
    argument_spec: Mapping[str, Any], act: Callable[[Options, RedisServer, bool], dict[str, Any]], **checks: Any
) -> None:
    """Run a module that acts.

    :param act: options, the server, and whether it is check mode -> result with ``changed``.
    :param checks: further words of AnsibleModule, such as ``required_if``.
    """
    spec = {**REDIS_SPEC, **argument_spec}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True, **checks)
    runner, options = SubprocessRunner(), module.params
    try:
        check_seconds(options, [name for name in ("probe_deadline", "deadline") if name in options])
        docker = DockerCli(runner, options["docker_cli"], deadline=options["probe_deadline"])
        wanted = ObserveOptions(
            project=options["project"] or None,
            services=read_services(options["services"]),
            probe_deadline=options["probe_deadline"],
        )
        result = act(options, find_redis(docker, wanted, options["name"]), module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    finally:
        runner.kill_all()
    module.exit_json(**result)
