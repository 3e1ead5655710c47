# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DB-3 without a free slot: the sessions as the titles of the server's processes show them."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Session
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_titles import parse_titles

_OPTIONS = (("-eo", "pid,etimes,args"), ("-o", "pid,args"), ())
"""Those of procps, those of busybox, and what Docker asks for by itself."""


def sessions_by_titles(
    docker: DockerCli, container: str, services: Mapping[str, str], *, deadline: float
) -> tuple[Session, ...]:
    """The sessions; none when the host's ps tells nothing that can be read.

    :param services: client address -> Compose service.
    :param deadline: seconds for each try.
    """
    for options in _OPTIONS:
        try:
            result = docker.top(container, *options, deadline=deadline)
        except IncidentResponseError:
            return ()
        if result.succeeded:
            found = parse_titles(result.stdout.decode("utf-8", "replace"), services)
            if found:
                return found
    return ()
