# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks Docker Compose what the files say and what an ``up`` would change. It changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_output import (
    Change,
    parse_dry_run,
    parse_hashes,
    parse_unset_variables,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor

_CONFIG_LIMIT = 1 << 24
"""Bytes of configuration that are read."""


@dataclass(frozen=True)
class Configuration:
    """The desired configuration.

    It holds secrets: it is compared, never shown.

    :param services: service -> its part of ``docker compose config --format json``.
    :param unset: variables that would be blanked.
    :param error: why Compose refuses the files, redacted, or empty.
    """

    services: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class DryRun:
    """What ``docker compose up`` announces.

    :param error: why it would fail, redacted, or empty.
    """

    changes: tuple[Change, ...] = ()
    error: str = ""

    def outside(self, services: Collection[str]) -> tuple[Change, ...]:
        """The changes that concern anything but the containers of these services.

        A missing network or volume may be made: that takes nothing away from anybody.
        """
        return tuple(
            change
            for change in self.changes
            if (change.service not in services if change.what == "container" else change.status == "removed")
        )


class ComposeReader:
    """Compose for one set of files.

    :param redactor: knows the values that must not be seen in an error.
    :param deadline: seconds for each call.
    """

    def __init__(self, docker: DockerCli, files: FileSet, redactor: Redactor, *, deadline: float) -> None:
        self._docker = docker
        self._files = files
        self._redactor = redactor
        self._deadline = deadline

    def version(self) -> str:
        """Compose's version without a leading v, empty when it is not installed."""
        result = self._docker.call(["compose", "version", "--short"], deadline=self._deadline)
        return result.stdout.decode("utf-8", "replace").strip().lstrip("v") if result.succeeded else ""

    def configuration(self) -> Configuration:
        """The desired configuration of every service, whatever its profile."""
        result = self._compose(["config", "--format", "json"], profiles=("*",))
        unset = parse_unset_variables(_text(result.stderr))
        if not result.succeeded:
            return Configuration(unset=unset, error=self._error(result))
        try:
            services = json.loads(result.stdout)["services"]
        except (ValueError, KeyError, TypeError):
            return Configuration(unset=unset, error="its answer is no configuration in JSON")
        return Configuration(services if isinstance(services, dict) else {}, unset)

    def hashes(self) -> dict[str, str]:
        """Service -> hash of its desired configuration; empty when Compose refuses the files."""
        result = self._compose(["config", "--hash", "*"], profiles=("*",))
        return parse_hashes(_text(result.stdout)) if result.succeeded else {}

    def hashes_without_dependencies(self, services: Sequence[str]) -> dict[str, str]:
        """The hashes that ``up --no-deps`` writes on the containers: with Compose 2.26 these differ.

        Empty when Compose does not know the ``!reset`` tag of the override that this takes.
        """
        lines = ["services:", *(f"  {json.dumps(service)}: {{depends_on: !reset null}}" for service in services)]
        override = "\n".join([*lines, ""]).encode()
        result = self._compose(["config", "--hash", "*"], profiles=("*",), override=override)
        return parse_hashes(_text(result.stdout)) if result.succeeded else {}

    def dry_run(
        self, services: Sequence[str], service_of: Callable[[str], str], *, dependencies: bool, force: bool
    ) -> DryRun:
        """What ``docker compose up`` of these services would change.

        :param dependencies: let it look after the services that they depend on, too.
        :param force: recreate them even when nothing differs.
        """
        options = ["up", "--detach", "--no-build", "--pull", "never", "--no-color", "--dry-run"]
        options += [] if dependencies else ["--no-deps"]
        options += ["--force-recreate"] if force else []
        result = self._compose([*options, "--", *services], profiles=self._files.profiles)
        changes = parse_dry_run(_text(result.stderr), service_of)
        return DryRun(changes, "" if result.succeeded else self._error(result))

    def _compose(
        self, arguments: Sequence[str], *, profiles: Sequence[str], override: bytes | None = None
    ) -> CommandResult:
        files = self._files
        base = ["compose", "--ansi", "never", "--project-directory", files.directory, "--project-name", files.project]
        base += [word for name in files.files for word in ("--file", name)]
        base += ["--file", "-"] if override is not None else []
        base += [word for name in files.env_files for word in ("--env-file", name)]
        base += [word for name in profiles for word in ("--profile", name)]
        return self._docker.call([*base, *arguments], deadline=self._deadline, stdin=override, limit=_CONFIG_LIMIT)

    def _error(self, result: CommandResult) -> str:
        if result.timed_out:
            return f"no answer within {result.duration:.1f} s"
        lines = [line for line in _text(result.stderr).splitlines() if line.strip() and "level=warning" not in line]
        return self._redactor.line(lines[-1]) if lines else f"exit code {result.exit_code}"


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")
