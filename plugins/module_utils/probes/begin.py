# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first questions to the engine. A module asks them early: while Docker answers, Python loads the rest."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    ContainerRef,
    DockerCli,
    EngineVersion,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.jobs import Job

_GRACE = 0.5
"""Seconds that a job may outlive the deadline of its own call, which says more about what went wrong."""


@dataclass(frozen=True)
class FirstQuestions:
    """Under way: the engine's version, and the containers of every Compose project."""

    version: Job[EngineVersion]
    containers: Job[tuple[ContainerRef, ...]]


def ask_first(docker: DockerCli, deadline: float) -> FirstQuestions:
    """Ask. Nothing is awaited here.

    :param deadline: seconds for each.
    """
    return FirstQuestions(
        version=Job("engine", "", lambda: docker.version(deadline=deadline), deadline=deadline + _GRACE),
        containers=Job("containers", "", lambda: docker.containers(deadline=deadline), deadline=deadline + _GRACE),
    )
