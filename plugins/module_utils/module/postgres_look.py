# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One observation of one PostgreSQL service, for the modules that show it in all detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.observe import observe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.platform_data import platform_data
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres import PostgresProbe


def look_at_server(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """``engine``, ``findings`` and ``postgres`` of the service that the options name."""
    name = options["name"]
    wanted = observe_options(options, check_mode=check_mode)
    settings = replace(wanted.services.get(name, ServiceSettings()), kind="postgres")
    probe = PostgresProbe()
    only = replace(wanted, only=(name,), services={**wanted.services, name: settings})
    data = platform_data(observe(only, real_means(options, runner), kinds={probe.name: probe}), options["project"])
    service = data["services"].get(name, {})
    findings = [finding for finding in data["findings"] if finding["service"] in ("", name)]
    return {"engine": data["engine"], "findings": findings, "postgres": service.get("postgres", {})}
