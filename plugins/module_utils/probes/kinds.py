# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of service has a probe of its own. A new one is plugged in by one line."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import KindProbe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server import (
    ModelServerProbe,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres import PostgresProbe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.rabbitmq import RabbitmqProbe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.redis import RedisProbe
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_issuer import (
    TokenIssuerProbe,
)

KIND_PROBES: Mapping[str, KindProbe] = {
    "model_server": ModelServerProbe(),
    "postgres": PostgresProbe(),
    "rabbitmq": RabbitmqProbe(),
    "redis": RedisProbe(),
    "token_issuer": TokenIssuerProbe(),
}
