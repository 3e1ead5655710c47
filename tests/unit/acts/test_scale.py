# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.scale import refuse_scale

LABELS = {"mode": "ingress", "target": 80, "protocol": "tcp"}


@pytest.mark.parametrize(
    "desired",
    [
        {},
        {"ports": []},
        {"ports": [LABELS]},  # the engine chooses a port
        {"ports": [{**LABELS, "published": ""}]},
        {"ports": [{**LABELS, "published": "8000-8009"}]},
        {"network_mode": "bridge"},
        {"container_name": ""},
    ],
)
def test_what_may_be_there_several_times_is_not_refused(desired: dict[str, Any]) -> None:
    assert refuse_scale("worker", desired) is None


@pytest.mark.parametrize(
    "desired, rule, words",
    [
        ({"container_name": "the-worker"}, "container_name", "worker has the fixed container_name the-worker"),
        ({"ports": [{**LABELS, "published": "8080"}]}, "fixed_port", "on the fixed port 8080 of the host"),
        ({"ports": [{**LABELS, "published": 8080}]}, "fixed_port", "on the fixed port 8080 of the host"),
        ({"ports": [LABELS, {**LABELS, "published": "8080"}]}, "fixed_port", "on the fixed port 8080 of the host"),
        ({"network_mode": "host"}, "host_network", "lives in the host's network"),
    ],
)
def test_what_can_be_there_only_once_is_refused_with_the_reason_and_a_remedy(
    desired: dict[str, Any], rule: str, words: str
) -> None:
    refused = refuse_scale("worker", desired)
    assert refused is not None
    assert refused.rule == rule
    assert words in refused.message
    assert refused.remedy
