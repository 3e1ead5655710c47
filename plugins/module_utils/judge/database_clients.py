# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service whose own credentials are wrong: the database that refuses them is well. Pure.

A server's own probe sees whom it rejected, but not how the other services are nor whose configuration has changed. So
its finding about rejected clients is looked at once more when all findings are there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import ServiceFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
    Rejection,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds

REFUSED = "service.credentials"
_ABOUT = "postgres.authentication"
_DIFFERS = ("container.config_drift", "crash.config_changed")
_WELL = ("http.health", "container.health")
_PROVEN_S = 10.0
"""Who has run for that long without being rejected has other credentials than before."""

Refusals = Mapping[str, Sequence[Rejection]]
"""Service -> its rejections."""


def blame_clients(
    findings: Iterable[Finding],
    services: Mapping[str, ServiceFacts],
    servers: Mapping[str, PostgresFacts],
    now: float,
) -> list[Finding]:
    """The findings, those about rejected clients put down to the services whose credentials are refused.

    Fit to be called again on its own result when more is known, for example what has changed.

    :param servers: what was seen of each PostgreSQL server.
    :param now: seconds since the epoch.
    """
    given = list(findings)
    seen = [finding for finding in given if finding.id != REFUSED]
    blamed: list[Finding] = []
    for number, finding in enumerate(seen):
        facts = servers.get(finding.service)
        if finding.id != _ABOUT or finding.status is not Status.CRITICAL or facts is None:
            continue
        told = _refusals(facts, seen, services, now)
        lasting = {name: ones for name, ones in told.items() if not _is_over(services.get(name), ones, now)}
        left_alone = {name for name in lasting if name in services and services[name].declared}
        # What is left alone, in maintenance for example, tells nothing about the database when others are refused.
        others = {name: one for name, one in services.items() if name not in lasting}
        lasting = {name: ones for name, ones in lasting.items() if name not in left_alone} or lasting
        message = _message(facts, lasting, seen, others) if lasting else _over(facts, told)
        if not message:
            # What was told with less known stays told: its own sentence is gone.
            blamed += [one for one in given if one.id == REFUSED and one.message == finding.message]
            continue
        names = tuple(name for name in lasting if name not in left_alone)
        status = Status.CRITICAL if names else Status.WARNING
        seen[number] = replace(finding, status=status, message=message, targets=names)
        evidence = finding.evidence
        blamed += [Finding(REFUSED, name, Status.CRITICAL, message, evidence=evidence, step="DB-6") for name in names]
    return [*seen, *blamed]


def _refusals(
    facts: PostgresFacts, findings: Sequence[Finding], services: Mapping[str, ServiceFacts], now: float
) -> dict[str, list[Rejection]]:
    """Those that were rejected for their password; none where anybody else was, or where one cannot be told."""
    refused: dict[str, list[Rejection]] = {}
    for one in facts.rejections if facts.answer is Answer.OK else ():
        anew = {name for name in facts.users if _is_over(services.get(name), (one,), now)}
        names = _services(one, facts, findings, anew)
        if not names:
            return {}
        for name in names:
            refused.setdefault(name, []).append(one)
    return dict(sorted(refused.items()))


def _services(
    rejection: Rejection, facts: PostgresFacts, findings: Sequence[Finding], anew: Collection[str]
) -> Collection[str]:
    """By the address, else by who logs in as that user; where several do, by who complains in a log of its own.

    Anybody may come as any user. So one that has run all the time and is well without a complaint, or has come in
    since, is not told by the user alone.

    :param anew: services that were started anew since.
    """
    if rejection.stranger or rejection.service == facts.service:
        return ()
    if rejection.service:
        return (rejection.service,)
    came_in = _came_in(facts, rejection.first_age) - set(anew)
    users = [name for name, user in sorted(facts.users.items()) if user and user == rejection.user]
    users = [name for name in users if name not in came_in]
    complaining = {one.service for one in findings if one.id == "log.auth_failure" and one.is_bad}
    sick = [name for name in users if not _well((name,), findings)]
    if len(users) == 1 and (sick or users[0] in anew):
        return users
    # A log may complain of somebody else's credentials as well, for example of tokens.
    return [name for name in sick or users if name in complaining]


def _is_over(service: ServiceFacts | None, rejections: Sequence[Rejection], now: float) -> bool:
    """All of it was started after the last rejection and goes on without one: the log tells of its predecessor."""
    running = [one for one in service.containers if one.running and one.started_at] if service is not None else []
    ages = [now - epoch_seconds(one.started_at) for one in running]
    last = min(one.last_age for one in rejections)
    return bool(ages) and all(_PROVEN_S <= age < last for age in ages)


def _message(
    facts: PostgresFacts, refused: Refusals, findings: Sequence[Finding], others: Mapping[str, ServiceFacts]
) -> str:
    """Empty where it may as well be the database's own fault: nobody else gets in, and nothing else tells it apart.

    :param others: services that are not refused.
    """
    well = _well([name for name, one in others.items() if facts.service in one.depends_on], findings)
    changed = [_differing(name, findings) for name in refused]
    if not all(changed) and not (len(refused) == 1 and well):
        return ""
    rest = ""
    if well:
        rest = "; other services connect" if _connect(facts, refused) else "; other services are not refused"
    return f"{facts.service} refuses the password of {_who(refused)}{rest}. {_remedy(', '.join(refused), changed)}"


def _over(facts: PostgresFacts, refused: Refusals) -> str:
    names = ", ".join(refused)
    return f"{facts.service} refused the password of {_who(refused)} until {names} was started anew." if names else ""


def _who(refused: Refusals) -> str:
    return ", ".join(f"{name}{_as_user({one.user for one in ones} - {''})}" for name, ones in refused.items())


def _as_user(users: Collection[str]) -> str:
    return f" for user {' and '.join(sorted(users))}" if users else ""


def _well(services: Collection[str], findings: Sequence[Finding]) -> bool:
    """One of them is healthy, and bears nothing critical."""
    sick = {one.service for one in findings if one.status is Status.CRITICAL}
    return any(
        one.service in services and one.service not in sick and one.id in _WELL and one.status is Status.OK
        for one in findings
    )


def _connect(facts: PostgresFacts, refused: Collection[str]) -> bool:
    """Somebody else has come in since the first rejection; an older session proves nothing."""
    return bool(_came_in(facts, max(one.first_age for one in facts.rejections)) - set(refused))


def _came_in(facts: PostgresFacts, since: float) -> set[str]:
    """The services that have a session which is younger than that (s)."""
    return {
        one.service for one in facts.sessions if one.service and one.session_age is not None and one.session_age < since
    }


def _differing(service: str, findings: Sequence[Finding]) -> str:
    """The finding that says that its configuration is another one, or an empty string."""
    told = {one.id for one in findings if one.service == service and one.is_bad}
    return next((name for name in _DIFFERS if name in told), "")


def _remedy(names: str, changed: Sequence[str]) -> str:
    if set(changed) == {"container.config_drift"}:
        return f"Recreate {names} from the Compose files: it does not bear their configuration."
    if all(changed):
        return f"The configuration of {names} has changed: correct the password in it and recreate {names}."
    return f"Correct the password in the configuration of {names} and recreate it, or that of the user in the database."
