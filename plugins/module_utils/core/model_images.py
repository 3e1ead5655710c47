# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model servers that are known by their image, and where each says that it is ready."""

from __future__ import annotations

# Last parts of image names -> path. Sources: KServe v2 protocol (Triton), and the HTTP references of vLLM, Ollama,
# Text Generation Inference, Text Embeddings Inference, TorchServe, TensorFlow Serving, llama.cpp, LocalAI, BentoML,
# MLflow and KServe.
_READINESS = (
    ("tritonserver", "/v2/health/ready"),
    ("vllm-openai", "/health"),
    ("vllm", "/health"),
    ("ollama", "/api/version"),
    ("text-generation-inference", "/health"),
    ("text-embeddings-inference", "/health"),
    ("torchserve", "/ping"),
    ("pytorch-inference", "/ping"),
    ("tensorflow-serving", "/v1/models/model"),
    ("tensorflow/serving", "/v1/models/model"),
    ("llama.cpp", "/health"),
    ("llama-cpp", "/health"),
    ("local-ai", "/readyz"),
    ("localai", "/readyz"),
    ("bento", "/readyz"),
    ("mlserver", "/v2/health/ready"),
    ("kserve", "/v2/health/ready"),
    ("mlflow", "/ping"),
    ("sglang", "/health"),
)


def readiness_path_of(image: str) -> str:
    """The path that says whether a known model server is ready, or an empty string for an unknown image.

    :param image: as the container names it, with registry, tag and digest or without.
    """
    name = _bare(image)
    return next((path for known, path in _READINESS if known in name), "")


def is_model_server_image(image: str) -> bool:
    """True for the image of a known model server."""
    return bool(readiness_path_of(image))


def _bare(image: str) -> str:
    """The repository without registry, tag and digest, in lower case."""
    name = image.lower().partition("@")[0]
    head, slash, tail = name.rpartition("/")
    return f"{head}{slash}{tail.partition(':')[0]}"
