# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a recreate is refused: each rule looks at one fact, and says how to lift the refusal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.compose_reader import (
    Configuration,
    DryRun,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet


@dataclass(frozen=True)
class Refusal:
    """Which rule refused, why, and how to go on. The sentences are without secrets."""

    rule: str
    message: str
    remedy: str

    def to_data(self) -> dict[str, str]:
        """Plain data for JSON."""
        return asdict(self)


def refuse_files(files: FileSet, unreadable: Mapping[str, str]) -> Refusal | None:
    """The files must be known and readable.

    :param unreadable: path -> why it cannot be read.
    """
    if not files.files:
        return Refusal(
            "compose_files_unknown",
            f"No container of the project {files.project} tells which Compose files it was made from.",
            "Name them in compose_files.",
        )
    if unreadable:
        path, reason = sorted(unreadable.items())[0]
        return Refusal(
            "compose_file_missing",
            f"{path}, which the desired configuration needs, cannot be read: {reason}.",
            f"Put it back, or name the right files in compose_files and env_files (now from {files.source}).",
        )
    return None


def refuse_configuration(configuration: Configuration) -> Refusal | None:
    """Compose must accept the files, and every variable must have a value."""
    if configuration.unset:
        names = ", ".join(configuration.unset)
        return Refusal(
            "variable_unset",
            f"Without a value are: {names}. Compose would put a blank in its place, which can erase a secret.",
            "Name the file that sets it in env_files, or set it in the environment of this task.",
        )
    if configuration.error:
        return Refusal(
            "compose_config_invalid",
            f"Compose refuses the files: {configuration.error}.",
            "Correct them; 'docker compose config' shows the same message.",
        )
    return None


def refuse_services(configuration: Configuration, services: Collection[str]) -> Refusal | None:
    """The files must define the services."""
    unknown = sorted(set(services) - set(configuration.services))
    if not unknown:
        return None
    return Refusal(
        "service_not_in_files",
        f"The Compose files define no service {unknown[0]}.",
        "Name all of the platform's files in compose_files, in the order in which they are given to Compose.",
    )


def refuse_blanks(blanked: Mapping[str, Collection[str]]) -> Refusal | None:
    """No variable that has a value now may lose it.

    :param blanked: service -> names of such variables.
    """
    for service, names in sorted(blanked.items()):
        if names:
            return Refusal(
                "variable_blanked",
                f"A recreate of {service} would leave without a value: {', '.join(sorted(names))}.",
                "Set it where the platform's configuration is kept, then try again.",
            )
    return None


def refuse_images(missing: Mapping[str, str]) -> Refusal | None:
    """The images must be on the host: nothing is pulled or built during an incident unless that was asked for.

    :param missing: service -> its image that is not there.
    """
    for service, image in sorted(missing.items()):
        return Refusal(
            "image_missing",
            f"The image {image} of {service} is not on this host.",
            "Pull or build it, or allow a pull with the parameter pull of this rung.",
        )
    return None


def refuse_attached(attached: Mapping[str, str]) -> Refusal | None:
    """No other container may live in the namespaces of one that goes away.

    :param attached: service outside of the plan -> the service that it is attached to.
    """
    for service, target in sorted(attached.items()):
        return Refusal(
            "outside_plan",
            f"{service} lives in the network or process namespace of {target} and would lose it.",
            f"Recreate {target} and {service} together, by hand.",
        )
    return None


def refuse_dry_run(dry_run: DryRun, services: Collection[str]) -> Refusal | None:
    """Compose's own announcement must name nothing but the plan's services."""
    outside = dry_run.outside(services)
    if outside:
        change = outside[0]
        named = f"the service {change.service}" if change.service else f"the {change.what} {change.id}"
        return Refusal(
            "outside_plan",
            f"Compose would also change {named}: {change.id} would be {change.status}.",
            "Bring that one up to date first, or recreate by hand.",
        )
    if dry_run.error:
        return Refusal(
            "dry_run_failed",
            f"Compose's dry run fails: {dry_run.error}.",
            "Remove its cause; the recreate would fail in the same way.",
        )
    return None
