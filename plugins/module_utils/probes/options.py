# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an observation is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import DiskSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds


@dataclass(frozen=True)
class ObserveOptions:
    """What a person asks for.

    :param project: Compose project, or None for the only one on the host.
    :param probe_deadline: seconds for each probe that has no limit of its own.
    :param writing: False leaves out probes that change something or log in.
    :param log_lines: how many of the last lines of each service's log are read.
    :param log_excerpt: how many of these are shown.
    :param latency_samples: timed probes of each service; 0 makes none and judges no latency.
    :param disk: what the inventory says of the host's disks.
    :param forged_tokens: False shows no forged tokens, unless the look is thorough.
    :param thorough: True looks at what costs time as well: hashes the model files, shows forged tokens anew, and lists
        what is in the newest backups.
    :param only: the services that are looked at, or None for all of them; then the host is not looked at.
    """

    project: str | None = None
    services: Mapping[str, ServiceSettings] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    compose_files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    probe_deadline: float = 5.0
    writing: bool = True
    log_lines: int = 100
    log_excerpt: int = 20
    latency_samples: int = 0
    forged_tokens: bool = True
    thorough: bool = False
    only: tuple[str, ...] | None = None
    disk: DiskSettings = field(default_factory=DiskSettings)
