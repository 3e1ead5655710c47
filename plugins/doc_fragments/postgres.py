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
      - The service that is the PostgreSQL server.
    type: str
    default: postgres
  services:
    description:
      - What cannot be told from Docker, by service, as M(agentfoundry.incident_response.platform_info) takes it.
      - C(postgres) of the service has C(user), C(database), C(host) and C(port) (a managed server, reached by TCP),
        C(client) (the service in whose container psql runs, or V(host) for psql of the target host), C(password_file)
        (a file on the target host), C(standby), C(protected_applications) and C(protected_users).
      - Without a word of it psql runs in the server's own container, as its C(POSTGRES_USER) on its C(POSTGRES_DB).
    type: dict
    default: {}
  docker_cli:
    description:
      - Docker's client on the target, by name or path.
    type: str
    default: docker
  probe_deadline:
    description:
      - Seconds that finding and asking the server may take.
    type: float
    default: 5.0
"""
