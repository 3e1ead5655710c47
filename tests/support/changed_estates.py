# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proper platform with one thing changed, for tests of the controls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from compliance import (
    BACKUP,
    INCIDENT,
    MODEL,
    POSTGRES,
    RABBITMQ,
    REDIS,
    TRUST,
    WORK,
    Estate,
    secrets,
)

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import Session


def web(**fields: Any) -> Estate:
    """Return the platform with this changed of its web."""
    return Estate(web=fields)


def trust(**fields: Any) -> Estate:
    """Return the platform with this changed of its trust."""
    return Estate(trust=replace(TRUST, **fields))


def shared(value: str) -> Estate:
    """Return the platform all of whose services run with this secret, as the Compose files say."""
    found = secrets({"users": value, "web": value})
    return trust(secrets=replace(found, desired=found.running))


def postgres(**fields: Any) -> Estate:
    """Return the platform with this changed of its postgres."""
    return Estate(postgres=replace(POSTGRES, **fields))


def setting(name: str, value: str) -> Estate:
    """Return the platform with another value of a setting of PostgreSQL."""
    configuration = POSTGRES.configuration
    assert configuration is not None
    return postgres(configuration=replace(configuration, settings={**configuration.settings, name: value}))


def redis(**fields: Any) -> Estate:
    """Return the platform with this changed of its redis."""
    return Estate(redis=replace(REDIS, **fields))


def memory(**fields: Any) -> Estate:
    """Return the platform with this changed of its memory."""
    assert REDIS.server is not None
    return redis(server=replace(REDIS.server, memory=replace(REDIS.server.memory, **fields)))


def rabbitmq(**fields: Any) -> Estate:
    """Return the platform with this changed of its rabbitmq."""
    return Estate(rabbitmq=replace(RABBITMQ, **fields))


def queue(**fields: Any) -> Estate:
    """Return the platform with this changed of its queue."""
    return rabbitmq(queues=(replace(WORK, **fields),))


def session(number: int, **fields: Any) -> Session:
    """Return a session of PostgreSQL."""
    return replace(Session(number, "shop", "app", "web", "10.0.0.2", "web", state="idle", state_age=5.0), **fields)


def model(**fields: Any) -> Estate:
    """Return the platform with this changed of its model."""
    return Estate(model=replace(MODEL, **fields))


def backup(**fields: Any) -> Estate:
    """Return the platform with this changed of its backup."""
    return Estate(backups=(replace(BACKUP, **fields),))


def incident(**fields: Any) -> list[dict[str, Any]]:
    """Return the only incident of the record, with this changed."""
    return [{**INCIDENT, **fields}]
