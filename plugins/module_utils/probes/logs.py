# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a service's log: read, classified as it is, and shown only redacted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

REFUSAL = "auth_failure"
"""The class of log lines that tell of refused credentials and tokens."""
WRITTEN_WITHIN_S = 2.0
"""A service may write a refusal down a little after it was answered."""


def read_log(docker: DockerCli, containers: Sequence[Container], tail: int, deadline: float) -> tuple[LogLine, ...]:
    """The last lines of all containers of a service together, oldest first, neither cleaned nor redacted."""
    lines: list[LogLine] = []
    for container in containers:
        lines += docker.log_lines(container.id, tail, deadline=deadline)
    return tuple(sorted(lines, key=lambda line: line.at))[-tail:]


@dataclass(frozen=True)
class News:
    """Which lines count as trouble; all are shown.

    :param since: seconds since the epoch; older lines are no news.
    :param forged_at: spans of time, in seconds since the epoch, in which probes showed forged tokens to the services.
        The refusals that a service then writes down are what it should do, and not trouble.
    """

    since: float
    forged_at: Sequence[tuple[float, float]] = ()

    def of(self, line: LogLine) -> str:
        """Return the class of trouble that the line tells of, or an empty string."""
        at = epoch_seconds(line.at)
        name = classify_line(clean_text(line.text)) if at >= self.since else ""
        # The time of a line is known to the second.
        ours = name == REFUSAL and any(int(began) <= at <= ended + WRITTEN_WITHIN_S for began, ended in self.forged_at)
        return "" if ours else name


def forged_spans(samples: Iterable[Mapping[str, Any]]) -> tuple[tuple[float, float], ...]:
    """When forged tokens were shown, by what this run and earlier ones kept of it."""
    return tuple((float(span[0]), float(span[1])) for span in (one.get("forged_at") for one in samples) if span)


def judge_lines(lines: Sequence[LogLine], redactor: Redactor, news: News, excerpt: int) -> LogFacts:
    """What the lines tell. :param excerpt: how many lines are shown, the newest."""
    found: dict[str, list[LogLine]] = {}
    for line in lines:
        name = news.of(line)
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
