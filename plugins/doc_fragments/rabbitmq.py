# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  project:
    description:
      - The Compose project that is the platform.
      - Left out or empty, the only one on the host is taken. With several on the host that is an error that lists them.
    type: str
    default: ""
  name:
    description:
      - The service that is the RabbitMQ broker.
    type: str
    default: rabbitmq
  services:
    description:
      - What cannot be told from Docker, by service, as M(agentfoundry.incident_response.platform_info) takes it.
      - C(rabbitmq) of the service has C(user), C(password_file) (a file on the target host), C(management_port),
        C(consumers), C(ignore_queues) and C(limits).
      - Without a word of it the user and password are those of the container's environment.
    type: dict
    default: {}
  docker_cli:
    description:
      - Docker's client on the target, by name or path.
    type: str
    default: docker
  probe_deadline:
    description:
      - Seconds that one question to Docker or to the broker may take.
    type: float
    default: 5.0
"""
