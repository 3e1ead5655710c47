# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share that act on one PostgreSQL service: options, the way to it, and the one place for errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.seconds import check_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_server import (
    PostgresServer,
    find_server,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import ObserveOptions

POSTGRES_SPEC: dict[str, Any] = {
    "project": {"type": "str", "default": ""},
    "name": {"type": "str", "default": "postgres"},
    "services": {"type": "dict", "default": {}},
    "docker_cli": {"type": "str", "default": "docker"},
    "probe_deadline": {"type": "float", "default": 5.0},
}
"""See the doc fragment C(postgres)."""

Options = Mapping[str, Any]


def open_server(options: Options, runner: SubprocessRunner) -> PostgresServer:
    """The server that the options name.

    :raises IncidentResponseError: it is not there, or an option cannot be used.
    """
    docker = DockerCli(runner, options["docker_cli"], deadline=options["probe_deadline"])
    wanted = ObserveOptions(
        project=options["project"] or None,
        services=read_services(options["services"]),
        probe_deadline=options["probe_deadline"],
    )
    return find_server(docker, wanted, options["name"])


def run_acting_module(
    argument_spec: Mapping[str, Any],
    act: Callable[[Options, PostgresServer, bool], dict[str, Any]],
    *,
    seconds: Sequence[str] = (),
) -> None:
    """Run a module that acts.

    :param act: options, the server, and whether it is check mode -> result with ``changed``.
    :param seconds: further options that are a number of seconds.
    """
    spec = {**POSTGRES_SPEC, **argument_spec}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    runner = SubprocessRunner()
    try:
        check_seconds(module.params, ["probe_deadline", *seconds])
        result = act(module.params, open_server(module.params, runner), module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    finally:
        runner.kill_all()
    module.exit_json(**result)
