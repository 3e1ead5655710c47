# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-3: what the end of a model server's log tells: that it still loads, or why it ended. Pure; lines come in raw."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_signature import error_line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.log_signatures import (
    SIGNATURES,
    Signature,
    classify,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import LogHints
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

MODEL_SIGNATURES: tuple[Signature, ...] = (
    (
        "loaded",
        re.compile(
            r"\b(?:model|weights|checkpoint)\b.{0,80}\b(?:loaded|ready)\b"
            r"|\bloaded\b.{0,80}\b(?:model|weights|checkpoint)\b"
            r"|application startup complete|\bserver (?:is )?(?:ready|listening)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "integrity",
        re.compile(
            r"\bsha-?256\b|\bchecksum\b|safetensor.{0,60}(?:error|incomplete|invalid)|MetadataIncompleteBuffer"
            r"|HeaderTooLarge|invalid (?:load key|magic)|unexpected (?:eof|end of (?:file|data))"
            r"|(?:cannot|could not|unable to|failed to) (?:load|read|open) (?:the )?(?:model|weights|checkpoint)"
            r"|PytorchStreamReader failed|UnpicklingError",
            re.IGNORECASE,
        ),
    ),
    *SIGNATURES,
)
"""The common classes, and before them what only model servers say (texts of PyTorch, safetensors, uvicorn)."""

_REASONS = ("integrity", "cuda_oom", "out_of_memory", "disk_full", "panic", "traceback")
"""Most telling first."""


def read_log_hints(lines: Sequence[str], redactor: Redactor) -> LogHints:
    """Hints from the last lines of a log, oldest first.

    The newest line about loading decides whether it goes on. The reason is the newest line of the most telling class,
    else the newest one that names an error.
    """
    found = classify(lines, MODEL_SIGNATURES)
    about_loading = [line for line in lines if line in found.get("loading", ()) or line in found.get("loaded", ())]
    loading = bool(about_loading) and about_loading[-1] in found.get("loading", ())
    for name in _REASONS:
        if name in found:
            return LogHints(loading, redactor.line(found[name][-1]), name)
    error = error_line(lines)
    return LogHints(loading, redactor.line(error), "error") if error else LogHints(loading)
