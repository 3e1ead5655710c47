# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end of a model server's log tells: that it still loads, or why it ended. Pure; lines come in raw."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import LogHints
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

_LOADING = re.compile(r"\b(?:loading|warming up|initiali[sz]ing)\b.{0,80}?\b(?:model|weights|checkpoint|shard)", re.I)
_LOADED = re.compile(
    r"\b(?:model|weights|checkpoint)\b.{0,80}?\b(?:loaded|ready)\b|\bloaded\b.{0,80}?\b(?:model|weights|checkpoint)"
    r"|application startup complete|server (?:is )?(?:ready|listening)",
    re.I,
)

# The first class that fits a line names it; the most telling one comes first.
_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "integrity",
        re.compile(
            r"sha-?256|checksum|safetensors.{0,40}?(?:error|header|incomplete)|MetadataIncompleteBuffer|HeaderTooLarge"
            r"|invalid (?:load key|header|magic)|(?:un)?expected (?:end of|eof)|unexpected eof|corrupt|git-lfs"
            r"|(?:cannot|could not|unable to|failed to) (?:load|read|open) (?:the )?(?:model|weights|checkpoint)"
            r"|PytorchStreamReader failed|UnpicklingError",
            re.I,
        ),
    ),
    ("cuda_oom", re.compile(r"CUDA(?: error:)? out of memory|OutOfMemoryError: CUDA|CUBLAS_STATUS_ALLOC_FAILED", re.I)),
    ("out_of_memory", re.compile(r"\bMemoryError\b|cannot allocate memory|std::bad_alloc|\bout of memory\b", re.I)),
    (
        "traceback",
        re.compile(r"^Traceback \(most recent call last\)|^\w*(?:Error|Exception)\b|\bpanic:|Segmentation", re.I),
    ),
)


def read_log_hints(lines: Sequence[str], redactor: Redactor) -> LogHints:
    """Hints from the last lines of a log, oldest first.

    The newest line about loading decides whether it goes on. The reason is the newest line of the most telling class.
    """
    loading = False
    for line in lines:
        if _LOADED.search(line[:1000]):
            loading = False
        elif _LOADING.search(line[:1000]):
            loading = True
    for name, pattern in _REASONS:
        for line in reversed(lines):
            if pattern.search(line[:1000]):
                return LogHints(loading, redactor.line(line), name)
    return LogHints(loading)
