# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_images import (
    is_model_server_image,
    readiness_path_of,
)


@pytest.mark.parametrize(
    "image, path",
    [
        ("nvcr.io/nvidia/tritonserver:24.01-py3", "/v2/health/ready"),
        ("vllm/vllm-openai:latest", "/health"),
        ("ollama/ollama", "/api/version"),
        ("ghcr.io/huggingface/text-generation-inference:2.0@sha256:abc", "/health"),
        ("pytorch/torchserve:latest-gpu", "/ping"),
        ("tensorflow/serving:2.15.0", "/v1/models/model"),
        ("localhost:5000/team/Ollama:0.3", "/api/version"),
        ("agentfoundry-lab/python-service:1", ""),
        ("postgres:16", ""),
        ("", ""),
    ],
)
def test_a_known_model_server_says_on_its_own_path_that_it_is_ready(image: str, path: str) -> None:
    assert readiness_path_of(image) == path
    assert is_model_server_image(image) is bool(path)
