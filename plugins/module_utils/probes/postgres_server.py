# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One PostgreSQL service of a platform, found and ready to be asked: for the modules that look at nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.postgres_psql import (
    DISK,
    INODES,
    Psql,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    PlatformNotFoundError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_answer import (
    classify_failure,
    failure_line,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Server,
    Session,
    Volume,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_protection import Protection
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_rows import (
    read_rows,
    read_server,
    read_sessions,
    read_volumes,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_settings import (
    PostgresSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import choose_project
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_sql import ACTIVITY
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres_way import way_to_server
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import (
    ObserveOptions,
    set_scene,
)


@dataclass(frozen=True)
class PostgresServer:
    """A way to a server, and what is needed to understand its answers.

    :param addresses: client address -> Compose service.
    :param deadline: seconds for one call.
    """

    service: str
    psql: Psql
    settings: PostgresSettings
    redactor: Redactor
    addresses: Mapping[str, str]
    deadline: float

    def sessions(self, before: str = "") -> tuple[Server, tuple[Session, ...]]:
        """The server and its sessions as they are now.

        :param before: constant SQL that runs first.
        :raises CommandFailedError: the server does not answer; says why.
        """
        rows = self.ask(before + ACTIVITY)
        try:
            server = read_server(rows["activity"])
            settings = self.settings
            protection = Protection(server.database, settings.protected_applications, settings.protected_users)
            return server, read_sessions(rows["activity"]["sessions"], self.addresses, protection, self.redactor.line)
        except (KeyError, TypeError, ValueError) as error:
            raise CommandFailedError(f"{self.service} gave an answer of another shape than expected.") from error

    def volumes(self) -> tuple[Volume, ...]:
        """The file systems of the server's data; none when psql does not run beside them."""
        result = self.psql.run("SELECT 1;", deadline=self.deadline)
        return read_volumes(result.sections.get(DISK, ()), result.sections.get(INODES, ()))

    def ask(self, sql: str, variables: Mapping[str, str] | None = None, *, seconds: float = 5.0) -> dict[str, Any]:
        """Run constant SQL and return its answers by their first word.

        :param seconds: the server ends a statement that takes longer.
        :raises CommandFailedError: it could not be run; the message is redacted.
        """
        result = self.psql.run(sql, variables, deadline=self.deadline + seconds, statement_seconds=seconds)
        if not result.connected:
            answer = classify_failure(result.stderr, timed_out=result.command.timed_out)
            told = self.redactor.line(failure_line(result.stderr))
            raise CommandFailedError(f"{self.service} does not answer ({answer.value}): {told}")
        if result.command.exit_code != 0:
            told = self.redactor.line(failure_line(result.stderr))
            raise CommandFailedError(f"{self.service} refused a statement: {told}")
        return read_rows(result.rows)


def find_server(docker: DockerCli, options: ObserveOptions, service: str) -> PostgresServer:
    """Find the service's container and the way into it.

    :raises PlatformNotFoundError: there is no such project or service.
    :raises EngineUnavailableError: Docker does not answer.
    """
    refs = docker.containers(deadline=options.probe_deadline)
    project = choose_project(refs, options.project)
    inspected = docker.inspect([ref.id for ref in refs if ref.project == project and not ref.oneoff])
    scene = set_scene(project, inspected, options, ())
    settings = scene.settings_of(service).postgres
    own = scene.services.get(service, ())
    if not own and not settings.host:
        known = ", ".join(sorted(scene.services)) or "none"
        raise PlatformNotFoundError(
            f"The project {project} has no service {service}.", remedy=f"Its services are: {known}."
        )
    first = next((container for container in own if container.running), own[0] if own else None)
    others = [item for item in scene.containers if item.running and item.service != service]
    return PostgresServer(
        service=service,
        psql=way_to_server(docker, settings, first, others),
        settings=settings,
        redactor=scene.redactor,
        addresses={
            address: item.service for item in scene.containers for address in item.addresses.values() if address
        },
        deadline=options.probe_deadline,
    )
