# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""May services be recreated from the desired configuration, and what would that change?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts import recreate_rules as rules
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_output import Change
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import (
    ComposeReader,
    Configuration,
    DryRun,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.project_containers import (
    ProjectContainers,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.recreate_rules import Refusal
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.service_differences import (
    attached_services,
    blanked_variables,
    differences,
)


@dataclass(frozen=True)
class RecreateCheck:
    """The answer.

    :param dependencies: whether Compose may look after the dependencies as well. It is the better way, taken when
        it would change nothing outside of the plan: ``--no-deps`` makes Compose 2.26 write an empty depends_on label
        and another hash on the container.
    :param drifted: services of the whole project whose containers differ from the files.
    :param not_comparable: service -> why that cannot be told.
    :param differing: service of the plan -> the names of what differs.
    :param would_change: what Compose announces, in its order.
    :param refused: why it must not be done, or None.
    """

    files: FileSet
    compose_version: str = ""
    dependencies: bool = False
    drifted: tuple[str, ...] = ()
    not_comparable: Mapping[str, str] = field(default_factory=dict)
    differing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    would_change: tuple[Change, ...] = ()
    refused: Refusal | None = None

    def to_data(self) -> dict[str, Any]:
        """Plain data, as ``compose_recreate_info`` returns it."""
        return {
            "project_src": self.files.directory,
            "files": list(self.files.files),
            "files_from": self.files.source,
            "env_files": list(self.files.env_files),
            "profiles": list(self.files.profiles),
            "compose_version": self.compose_version,
            "dependencies": self.dependencies,
            "drifted": list(self.drifted),
            "not_comparable": dict(self.not_comparable),
            "differing": {service: list(names) for service, names in self.differing.items()},
            "would_change": [change.to_data() for change in self.would_change],
            "refused": self.refused.to_data() if self.refused else None,
        }


Images = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
"""Image references -> what ``docker image inspect`` tells of those that are on the host."""


@dataclass(frozen=True)
class Wish:
    """What is to be recreated.

    :param force: recreate the services even when nothing differs.
    :param may_pull: an image that is not on the host is no reason to refuse.
    """

    services: tuple[str, ...]
    force: bool = False
    may_pull: bool = False


def check_recreate(
    reader: ComposeReader, files: FileSet, containers: ProjectContainers, wish: Wish, images: Images
) -> RecreateCheck:
    """Go through the rules, cheapest first; the first that refuses ends it."""
    check = RecreateCheck(files)
    refused = rules.refuse_files(files, unreadable(files))
    if refused:
        return replace(check, refused=refused)
    configuration = reader.configuration()
    check = replace(check, compose_version=reader.version())
    refused = rules.refuse_configuration(configuration) or rules.refuse_services(configuration, wish.services)
    if refused:
        return replace(check, refused=refused)
    drifted, not_comparable = containers.drift(reader, configuration.services, check.compose_version)
    targets = _targets(files.project, containers, configuration, wish.services, images)
    check = replace(
        check,
        drifted=drifted,
        not_comparable=not_comparable,
        differing={target.service: target.differing for target in targets if target.differing},
    )
    missing = {target.service: target.image for target in targets if not target.image_data and not wish.may_pull}
    blanked = {target.service: target.blanked for target in targets}
    refused = rules.refuse_blanks(blanked) or rules.refuse_images(missing)
    if refused:
        return replace(check, refused=refused)
    dependencies, dry_run = _dry_run(reader, containers, wish, frozenset(drifted) | frozenset(not_comparable))
    return replace(
        check,
        dependencies=dependencies,
        would_change=dry_run.changes,
        refused=rules.refuse_dry_run(dry_run, wish.services)
        or rules.refuse_attached(_attached(targets, containers, dry_run)),
    )


def unreadable(files: FileSet) -> dict[str, str]:
    """Path -> why it cannot be read, of the project directory, the Compose files and the env files."""
    found = {path: _why_unreadable(path) for path in (*files.files, *files.env_files)}
    if files.directory and not os.path.isdir(files.directory):
        found[files.directory] = "there is no such directory"
    return {path: reason for path, reason in found.items() if reason}


def _why_unreadable(path: str) -> str:
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


@dataclass(frozen=True)
class _Target:
    """A service that is to be recreated: as it runs, as it should be, and what is known of its image."""

    service: str
    running: tuple[Mapping[str, Any], ...]
    desired: Mapping[str, Any]
    image: str
    image_data: Mapping[str, Any]

    @property
    def differing(self) -> tuple[str, ...]:
        found = (differences(one, self.desired, self.image_data) for one in self.running)
        return tuple(sorted({name for names in found for name in names}))

    @property
    def blanked(self) -> tuple[str, ...]:
        return tuple(sorted({name for one in self.running for name in blanked_variables(one, self.desired)}))


def _targets(
    project: str,
    containers: ProjectContainers,
    configuration: Configuration,
    services: Sequence[str],
    images: Images,
) -> list[_Target]:
    names = {
        service: str(configuration.services[service].get("image") or f"{project}-{service}") for service in services
    }
    found = images(sorted(set(names.values())))
    return [
        _Target(service, containers.of(service), configuration.services[service], image, found.get(image, {}))
        for service, image in names.items()
    ]


def _attached(targets: Sequence[_Target], containers: ProjectContainers, dry_run: DryRun) -> dict[str, str]:
    """Service that would lose its namespaces -> the service whose containers would go away."""
    going = {change.service for change in dry_run.changes if change.status in ("recreated", "removed")}
    ids = {
        str(one.get("Id")): target.service for target in targets for one in target.running if target.service in going
    }
    return {
        containers.service_of_id(one): service for one, service in attached_services(containers.inspected, ids).items()
    }


def _dry_run(
    reader: ComposeReader, containers: ProjectContainers, wish: Wish, differing: frozenset[str]
) -> tuple[bool, DryRun]:
    """(whether the dependencies are looked after, what Compose announces then).

    :param differing: services that differ from the files, or that may do so.
    """
    whole = reader.dry_run(wish.services, containers.service_of, dependencies=True, force=wish.force)
    is_safe = not whole.error and not whole.outside(wish.services)
    if is_safe and (wish.force or not whole.changes or not differing.isdisjoint(wish.services)):
        return True, whole
    bare = reader.dry_run(wish.services, containers.service_of, dependencies=False, force=wish.force)
    # What was recreated without its dependencies before bears another hash, though nothing differs.
    return (True, whole) if is_safe and bare.changes else (False, bare)
