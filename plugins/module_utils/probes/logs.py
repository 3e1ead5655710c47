# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a service's log: read, classified as it is, and shown only redacted."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    DockerCli,
    LogLine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.log_signatures import classify_line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    LogFacts,
    LogSignature,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor, clean_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds


def read_log(docker: DockerCli, containers: Sequence[Container], tail: int, deadline: float) -> tuple[LogLine, ...]:
    """The last lines of all containers of a service together, oldest first, neither cleaned nor redacted."""
    lines: list[LogLine] = []
    for container in containers:
        lines += docker.log_lines(container.id, tail, deadline=deadline)
    return tuple(sorted(lines, key=lambda line: line.at))[-tail:]


def judge_lines(lines: Sequence[LogLine], redactor: Redactor, since: float, excerpt: int) -> LogFacts:
    """What the lines tell.

    :param since: seconds since the epoch; older lines are shown but not counted as trouble.
    :param excerpt: how many lines are shown, the newest.
    """
    found: dict[str, list[LogLine]] = {}
    for line in lines:
        name = classify_line(clean_text(line.text)) if epoch_seconds(line.at) >= since else ""
        if name:
            found.setdefault(name, []).append(line)
    # One text, since a private key goes over several lines. A carriage return inside a line would make two of it.
    shown = redactor.lines("\n".join(line.text.replace("\r", " ") for line in lines))
    signatures = [
        LogSignature(name, len(hits), redactor.line(hits[-1].text), hits[-1].at) for name, hits in found.items()
    ]
    return LogFacts(
        lines=len(lines),
        signatures=tuple(sorted(signatures, key=lambda item: (-item.count, item.name))),
        excerpt=tuple(shown[-excerpt:]),
    )
