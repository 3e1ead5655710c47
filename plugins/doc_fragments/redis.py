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
      - The service that is the Redis server.
    type: str
    default: redis
  services:
    description:
      - What cannot be told from Docker, by service, as M(agentfoundry.incident_response.platform_info) takes it.
      - C(redis) of the service has C(host), C(port) and C(tls) (a managed server, reached by TCP), C(user),
        C(password_file) (a file on the target host), C(database), C(cache) (the database is a cache, so that it may be
        flushed) and C(disposable_prefixes) (beginnings of keys that may be deleted).
      - Without a word of it C(redis-cli) runs in the server's own container.
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
