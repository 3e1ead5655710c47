# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_log import (
    read_log_hints,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor


@pytest.mark.parametrize(
    "lines, loading",
    [
        ([], False),
        (["INFO loading model weights from /app/models"], True),
        (["Loading checkpoint shards:  33%|###       | 1/3"], True),
        (["loading the model", "the model is loaded"], False),
        (["the model is loaded", "loading model again"], True),
        (["Loading weights", "INFO:     Application startup complete."], False),
        (["GET /health 200"], False),
    ],
)
def test_the_newest_line_about_loading_decides(lines: list[str], loading: bool) -> None:
    assert read_log_hints(lines, Redactor()).loading is loading


@pytest.mark.parametrize(
    "line, name",
    [
        ('{"msg": "the model cannot be served", "error": "model.json has 80 bytes and sha256 b5e4"}', "integrity"),
        ("safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer", "integrity"),
        ("_pickle.UnpicklingError: invalid load key, 'v'.", "integrity"),
        ("RuntimeError: PytorchStreamReader failed reading zip archive", "integrity"),
        ("OSError: unable to load weights from pytorch checkpoint file", "integrity"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "cuda_oom"),
        ("RuntimeError: CUDA error: out of memory", "cuda_oom"),
        ("MemoryError", "out_of_memory"),
        ("OSError: [Errno 28] No space left on device", "disk_full"),
        ("Traceback (most recent call last):", "traceback"),
        ('{"level": "fatal", "msg": "JWT_SECRET is empty"}', "error"),
        ("ready", ""),
    ],
)
def test_the_line_that_explains_an_end_is_found(line: str, name: str) -> None:
    hints = read_log_hints(["started", line, "stopped"], Redactor())
    assert (hints.reason_class, hints.reason) == (name, line if name else "")


def test_the_most_telling_class_wins_and_of_it_the_newest_line() -> None:
    lines = ["Traceback (most recent call last):", "checksum of a", "ValueError: x", "checksum of b", "MemoryError"]
    assert read_log_hints(lines, Redactor()).reason == "checksum of b"


def test_a_secret_in_the_reason_is_hidden() -> None:
    hints = read_log_hints(["failed to load model: password=hunter2hunter2"], Redactor())
    assert hints.reason == "failed to load model: password=[redacted]"
