# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Docker keeps and nobody uses, as the engine tells."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import Litter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_litter import (
    StoppedContainer,
    container_sizes,
    dangling_images,
    removable_containers,
    stopped_ids,
    unused_build_cache,
    usage_rows,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import DiskSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.timestamp import epoch_seconds


@dataclass(frozen=True)
class LitterFacts:
    """The table of ``docker system df``, and what the policy lets go.

    :param stopped: all containers that do not run, whether they may go or not.
    """

    usage: tuple[dict[str, Any], ...]
    build_cache: Litter
    images: Litter
    containers: Litter
    stopped: tuple[StoppedContainer, ...] = ()

    @property
    def all(self) -> tuple[Litter, ...]:
        """In the order in which they are removed."""
        return (self.build_cache, self.images, self.containers)


def look_at_litter(
    docker: DockerCli,
    settings: DiskSettings,
    now: float,
    *,
    kept_services: Collection[tuple[str, str]] = (),
    with_platforms: bool = False,
    deadline: float = 60.0,
) -> LitterFacts:
    """Ask the engine. On a host with much data that takes seconds: the engine adds up the sizes of all volumes.

    :param kept_services: (project, service) of open incidents, whose containers stay; the service may be empty.
    :param with_platforms: whether stopped containers of Compose services may go.
    :raises CommandFailedError: it gave no answer that can be used.
    :raises EngineUnavailableError: it does not answer.
    """
    answer = disk_usage(docker, deadline)
    labelled = _labelled_images(docker, settings.labels, deadline) if settings.labels else None
    sizes = container_sizes(answer)
    inspected = docker.inspect(stopped_ids(answer), deadline=deadline)
    stopped = [_stopped(entry, sizes) for entry in inspected if not (entry.get("State") or {}).get("Running")]
    return LitterFacts(
        usage=usage_rows(answer),
        # Build cache bears no labels: where only labelled things may go, it stays.
        build_cache=Litter("build_cache")
        if settings.labels
        else unused_build_cache(answer, now, settings.build_cache_age_h),
        images=dangling_images(answer, labelled, now, settings.image_age_h),
        containers=removable_containers(
            stopped,
            settings.labels,
            now,
            settings.container_age_h,
            kept_services=kept_services,
            with_platforms=with_platforms,
        ),
        stopped=tuple(stopped),
    )


def disk_usage(docker: DockerCli, deadline: float) -> Mapping[str, Any]:
    """``docker system df --verbose`` as data. :raises CommandFailedError: see :func:`look_at_litter`."""
    result = docker.call(["system", "df", "--verbose", "--format", "{{json .}}"], deadline=deadline, limit=1 << 24)
    if not result.succeeded:
        why = f"within {deadline:g} s" if result.timed_out else "for lack of an answer"
        raise CommandFailedError(f"Docker's own use of the disk could not be read {why}.")
    try:
        answer = json.loads(result.stdout)
    except ValueError:
        answer = None
    if not isinstance(answer, Mapping):
        raise CommandFailedError("Docker's own use of the disk is of another shape than expected.")
    return answer


def _labelled_images(docker: DockerCli, labels: Sequence[str], deadline: float) -> frozenset[str]:
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    arguments = ["images", "--no-trunc", "--quiet", "--filter", "dangling=true", *filters]
    result = docker.call(arguments, deadline=deadline)
    if not result.succeeded:
        raise CommandFailedError("The images with the wanted labels could not be listed.")
    return frozenset(result.stdout.decode("utf-8", "replace").split())


def _stopped(entry: Mapping[str, Any], sizes: Mapping[str, int]) -> StoppedContainer:
    state = entry.get("State") or {}
    finished = str(state.get("FinishedAt") or "")
    stopped_at = finished if finished and not finished.startswith("0001-") else str(entry.get("Created") or "")
    identity = str(entry.get("Id", ""))
    return StoppedContainer(
        id=identity,
        name=str(entry.get("Name", "")).lstrip("/"),
        labels={str(key): str(value) for key, value in ((entry.get("Config") or {}).get("Labels") or {}).items()},
        # A time that cannot be read is never old.
        stopped_at=epoch_seconds(stopped_at) or float("inf"),
        size=sizes.get(identity, 0),
        created_at=epoch_seconds(str(entry.get("Created") or "")),
    )
