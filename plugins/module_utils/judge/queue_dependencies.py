# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A consumer that only suffers: the cause of a backlog is what its consumer depends on. Pure.

A broker's own probe sees queues and consumers, but not how the consumers' other dependencies are. So its findings about
a backlog are looked at once more when all findings are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import (
    Finding,
    Status,
    worst_first,
)

_CAUSED = (
    # A consumer that cannot work may connect, fail and connect again, and be away in the moment of the look.
    "rabbitmq.no_consumer",
    "rabbitmq.stuck_consumer",
    "rabbitmq.poison",
    "rabbitmq.consumer_crash",
    "rabbitmq.slow_consumer",
)
_MISCONFIGURED = (
    "rabbitmq.no_consumer",
    "rabbitmq.stuck_consumer",
    "rabbitmq.slow_consumer",
    "rabbitmq.consumer_crash",
)
_TELLING = ("container.paused", "container.state")
_REFUSED = "service.credentials"
_KEEPS_DATA = ("postgres", "redis", "rabbitmq")


def blame_dependencies(
    findings: Iterable[Finding],
    needs: Mapping[str, Iterable[str]],
    kinds: Mapping[str, str],
) -> list[Finding]:
    """The findings, those about a backlog put down to the consumer's sick dependency where there is one.

    :param needs: service -> what it depends on.
    :param kinds: service -> kind.
    """
    seen = list(findings)
    trouble: dict[str, Finding] = {}
    # That it does not run at all says more than what follows from it.
    for finding in sorted(worst_first(seen), key=lambda one: one.id not in _TELLING):
        if finding.service and finding.status is Status.CRITICAL and not finding.targets:
            trouble.setdefault(finding.service, finding)
    blamed = [_blamed(_refused(finding, seen), trouble, needs, kinds) for finding in seen]
    return [*blamed, *_drifted(blamed)]


def _refused(finding: Finding, findings: Iterable[Finding]) -> Finding:
    """A consumer whose credentials another service refuses: a restart would not change them, a recreate may."""
    if finding.id not in _CAUSED or finding.status is not Status.CRITICAL:
        return finding
    about = [one for one in findings if one.service in finding.targets]
    why = next((one for one in about if one.id == _REFUSED), None)
    if why is None or any(one.id == "container.config_drift" and one.is_bad for one in about):
        return finding
    return replace(
        finding,
        id="rabbitmq.dependency_data",
        message=f"{why.service} cannot work off its queue. {why.message}",
        evidence=(finding.message, *finding.evidence),
        step="QB-5",
    )


def _drifted(findings: Iterable[Finding]) -> list[Finding]:
    """A consumer that does not work and is not as the Compose files say: a restart would not change that."""
    seen = list(findings)
    drift = {one.service: one for one in seen if one.id == "container.config_drift" and one.status is Status.WARNING}
    found = []
    for finding in seen:
        consumers = tuple(name for name in finding.targets if name in drift)
        if finding.id in _MISCONFIGURED and finding.status is Status.CRITICAL and consumers:
            how = "is too slow with" if finding.id == "rabbitmq.slow_consumer" else "does not work off"
            message = f"{', '.join(consumers)} {how} its queue. {drift[consumers[0]].message}"
            evidence = (finding.message, *drift[consumers[0]].evidence)
            found.append(
                replace(finding, id="rabbitmq.consumer_drift", message=message, evidence=evidence, targets=consumers)
            )
    return found[:1]


def _blamed(
    finding: Finding,
    trouble: Mapping[str, Finding],
    needs: Mapping[str, Iterable[str]],
    kinds: Mapping[str, str],
) -> Finding:
    if finding.id not in _CAUSED or finding.status is not Status.CRITICAL:
        return finding
    who = finding.targets
    sick = sorted({name for each in who for name in _sick_needs(each, trouble, needs)} - {finding.service})
    if not sick:
        return finding
    causes = [trouble[name] for name in sick]
    message = f"{', '.join(who)} cannot work off its queue: it depends on {', '.join(sick)}. {causes[0].message}"
    return replace(
        finding,
        id=_name(causes[0], kinds.get(sick[0], "")),
        message=message,
        evidence=(finding.message, *(cause.message for cause in causes), *finding.evidence),
        step="QB-5",
        targets=(sick[0],),
    )


def _sick_needs(consumer: str, trouble: Mapping[str, Finding], needs: Mapping[str, Iterable[str]]) -> list[str]:
    """What is sick of that which a consumer depends on.

    A consumer that is down itself has its own cause: only what does not run at all has to come before it.
    """
    down = consumer in trouble and trouble[consumer].id in _TELLING
    return [name for name in needs.get(consumer, ()) if name in trouble and (not down or trouble[name].id in _TELLING)]


def _name(cause: Finding, kind: str) -> str:
    """What can be done about it here: unpause or start it; restart it when it keeps no data; else leave it alone."""
    if cause.id == "container.paused":
        return "rabbitmq.dependency_paused"
    if cause.id == "container.state":
        return "rabbitmq.dependency_stopped"
    return "rabbitmq.dependency_data" if kind in _KEEPS_DATA else "rabbitmq.dependency_failing"
