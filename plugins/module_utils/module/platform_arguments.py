# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every observing module shares (doc fragment C(platform)), and what is made of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import (
    read_disk_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import read_thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.seconds import check_seconds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions

if TYPE_CHECKING:
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means

PLATFORM_SPEC: dict[str, Any] = {
    "project": {"type": "str", "default": ""},
    "services": {"type": "dict", "default": {}},
    "thresholds": {"type": "dict", "default": {}},
    "disk": {"type": "dict", "default": {}},
    "compose_files": {"type": "list", "elements": "path", "default": []},
    "env_files": {"type": "list", "elements": "path", "default": []},
    "profiles": {"type": "list", "elements": "str", "default": []},
    "docker_cli": {"type": "str", "default": "docker"},
    "probe_deadline": {"type": "float", "default": 5.0},
    "writing_probes": {"type": "bool", "default": True},
    "forged_tokens": {"type": "bool", "default": True},
    "thorough": {"type": "bool", "default": False},
    "state_dir": {"type": "path", "default": "/var/lib/incident_response"},
    "log_lines": {"type": "int", "default": 100},
    "latency_samples": {"type": "int", "default": 0},
}
_MOST_LOG_LINES = 10_000
_MOST_SAMPLES = 100


def observe_options(options: Mapping[str, Any], *, check_mode: bool) -> ObserveOptions:
    """The options as the domain knows them.

    :raises InvalidInputError: names the option that cannot be used.
    """
    check_seconds(options, ["probe_deadline"])
    lines = options["log_lines"]
    if not 1 <= lines <= _MOST_LOG_LINES:
        raise InvalidInputError("log_lines", lines, remedy=f"Give 1 to {_MOST_LOG_LINES}.")
    if not 0 <= options["latency_samples"] <= _MOST_SAMPLES:
        remedy = f"Give 0 to {_MOST_SAMPLES} timed probes."
        raise InvalidInputError("latency_samples", options["latency_samples"], remedy=remedy)
    return ObserveOptions(
        project=options["project"] or None,
        services=read_services(options["services"]),
        thresholds=read_thresholds(options["thresholds"]),
        disk=read_disk_settings(options.get("disk")),
        compose_files=tuple(options["compose_files"]),
        env_files=tuple(options["env_files"]),
        profiles=tuple(options["profiles"]),
        probe_deadline=options["probe_deadline"],
        writing=options["writing_probes"] and not check_mode,
        forged_tokens=options["forged_tokens"],
        thorough=options["thorough"],
        log_lines=lines,
        latency_samples=options["latency_samples"],
    )


def real_means(options: Mapping[str, Any], runner: CommandRunner) -> Means:
    """The ways to the real platform. They are loaded only here, while Docker works on the first questions."""
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import (
        ComposeReader,
    )
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.cgroup import CgroupReader
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
        SocketHttpClient,
    )
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk import probe_disk
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_key import read_key
    from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.summary import read_summary

    docker = DockerCli(runner, options["docker_cli"], deadline=options["probe_deadline"])
    groups = CgroupReader()
    return Means(
        docker=docker,
        http=SocketHttpClient(),
        resources=groups,
        compose=lambda files, redactor: ComposeReader(docker, files, redactor, deadline=options["probe_deadline"]),
        record=lambda project: read_summary(options["state_dir"], project),
        clock=time.time,
        disk=lambda inspected, settings, samples, seconds: probe_disk(
            inspected, settings, options["state_dir"], samples, deadline=seconds
        ),
        fingerprint_key=lambda: read_key(options["state_dir"]),
        pressure=groups.host_pressure,
    )
