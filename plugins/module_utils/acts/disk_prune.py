# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-2: removes what Docker keeps and nobody uses. One thing at a time, measured after each, stopping at the target.

Never ``--all``, never ``--volumes``, never by force: what came into use meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import (
    Cleaning,
    Goal,
    Measure,
    Removal,
    measured,
    remove_in_turn,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import Litter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_litter import (
    BUILD_CACHE,
    CONTAINERS,
    IMAGES,
    bears,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_settings import DiskSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_size import read_size
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import redact_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.disk_litter import (
    LitterFacts,
    look_at_litter,
)

SYSTEM = "system"
WHAT = (BUILD_CACHE, IMAGES, CONTAINERS, SYSTEM)
_NETWORKS = "networks"
_REMOVE = {IMAGES: ("image", "rm"), CONTAINERS: ("container", "rm")}
_SECONDS = 600.0


@dataclass(frozen=True)
class Prune:
    """What is wanted.

    :param what: one of :data:`WHAT`.
    :param kept_services: (project, service) of open incidents: their containers are evidence.
    :param with_platforms: whether stopped containers of Compose services may go.
    :param goal: its target is about the file system of Docker's root.
    """

    what: str
    settings: DiskSettings
    kept_services: Collection[tuple[str, str]] = field(default_factory=frozenset)
    with_platforms: bool = False
    goal: Goal = field(default_factory=Goal)


def prune(docker: DockerCli, wish: Prune, now: float, measure: Measure, *, check_mode: bool) -> Cleaning:
    """Look again at what may go, then remove it.

    :raises EngineUnavailableError: Docker does not answer.
    :raises CommandFailedError: it refused.
    :raises IncidentResponseError: ``system`` would remove what must stay.
    """
    root = _root(docker)
    found = look_at_litter(
        docker, wish.settings, now, kept_services=wish.kept_services, with_platforms=wish.with_platforms
    )
    kinds = {item.kind: item for item in found.all}
    if wish.what in _REMOVE:
        remove = None if check_mode else _remover(docker, _REMOVE[wish.what])
        return remove_in_turn(root, _removals(kinds[wish.what]), wish.goal, measure, remove)
    before = measured(measure, root)
    wanted = found.all if wish.what == SYSTEM else (kinds[BUILD_CACHE],)
    if not any(item.ids for item in wanted) or wish.goal.reached(before, max(item.size for item in wanted)):
        return Cleaning(root, before=before, after=before)
    if wish.what == SYSTEM:
        _refuse_what_must_stay(found, wish, now)
    expected = _expected_of_system(docker, found, wish) if wish.what == SYSTEM else _cache_as_one(kinds[BUILD_CACHE])
    if check_mode:
        size, files = sum(item.size for item in expected), 0
        after = before.with_more(size, files) if before is not None else None
        return Cleaning(root, expected, before, after, rehearsed=True)
    if wish.what == SYSTEM:
        removed, reported = _prune_system(docker, wish)
    else:
        removed, reported = expected, _prune_build_cache(docker, wish)
    return Cleaning(root, removed, before, measured(measure, root), reported=reported)


def _remover(docker: DockerCli, command: Sequence[str]) -> Callable[[Removal], str | None]:
    def remove(item: Removal) -> str | None:
        result = docker.call([*command, item.id], deadline=_SECONDS)
        if result.succeeded:
            return None
        if b"no such" in result.stderr.lower():
            return ""
        return f"{item.name or item.id} stays: {_said(result.stderr)}"

    return remove


def _cache_as_one(litter: Litter) -> tuple[Removal, ...]:
    """The engine removes build cache by its age, not one by one."""
    return (Removal(BUILD_CACHE, f"{len(litter.ids)} entries", litter.size),)


def _prune_build_cache(docker: DockerCli, wish: Prune) -> int:
    """The bytes that were freed as the engine says."""
    age = f"until={wish.settings.build_cache_age_h:g}h"
    result = docker.call(["builder", "prune", "--force", "--filter", age], deadline=_SECONDS)
    if not result.succeeded:
        raise CommandFailedError(f"Docker did not prune its build cache: {_said(result.stderr)}")
    return _reported(result.stdout)


def _prune_system(docker: DockerCli, wish: Prune) -> tuple[tuple[Removal, ...], int]:
    """What was removed, and the bytes that were freed as the engine says.

    Docker heeds labels for all but the build cache, all of which ``system prune`` would remove: where only labelled
    things may go, its other parts are called one by one.
    """
    labels = _label_filters(wish.settings)
    oldest = max(wish.settings.image_age_h, wish.settings.build_cache_age_h, wish.settings.container_age_h)
    until = ["--filter", f"until={oldest:g}h"] if oldest else []
    parts = ("container", "network", "image") if labels else ("system",)
    removed: list[Removal] = []
    reported = 0
    for part in parts:
        result = docker.call([part, "prune", "--force", *until, *labels], deadline=_SECONDS)
        if not result.succeeded:
            raise CommandFailedError(f"docker {part} prune failed: {_said(result.stderr)}")
        removed += _told(result.stdout.decode("utf-8", "replace").splitlines())
        reported += _reported(result.stdout)
    return tuple(removed), reported


def _expected_of_system(docker: DockerCli, found: LitterFacts, wish: Prune) -> tuple[Removal, ...]:
    """Beside what the other rungs remove, networks that no container uses go."""
    listed = docker.call(
        ["network", "ls", "--filter", "dangling=true", "--format", "{{.Name}}", *_label_filters(wish.settings)]
    )
    names = listed.stdout.decode("utf-8", "replace").split() if listed.succeeded else []
    litter = tuple(removal for item in found.all for removal in _removals(item))
    return (*litter, *(Removal(_NETWORKS, name, 0, name) for name in names))


def _label_filters(settings: DiskSettings) -> list[str]:
    return [word for label in settings.labels for word in ("--filter", f"label={label}")]


def _refuse_what_must_stay(found: LitterFacts, wish: Prune, now: float) -> None:
    """Docker's own prune knows nothing of platforms and incidents, and counts a container's age from its creation."""
    oldest = max(wish.settings.image_age_h, wish.settings.build_cache_age_h, wish.settings.container_age_h)
    free_to_go = set(found.containers.ids)
    spared = sorted(
        item.name
        for item in found.stopped
        if item.id not in free_to_go
        and bears(item.labels, wish.settings.labels)
        and now - item.created_at >= oldest * 3600.0
    )
    if spared:
        raise IncidentResponseError(
            f"docker system prune would remove stopped containers that must stay: {', '.join(spared[:10])}.",
            remedy="They belong to a Compose project, which could not be started without them, or to an open incident,"
            " or stopped a short time ago. Give labels that they do not bear, or remove them by hand.",
        )


_HEADINGS = {
    "Deleted Containers:": CONTAINERS,
    "Deleted Networks:": _NETWORKS,
    "Deleted Images:": IMAGES,
    "Deleted build cache objects:": BUILD_CACHE,
}


def _told(lines: Sequence[str]) -> Iterator[Removal]:
    """What docker prints under its headings. Of an image, names and layers are told as well: the latter count."""
    what = ""
    for line in lines:
        text = line.strip()
        if text in _HEADINGS:
            what = _HEADINGS[text]
        elif text and what and not text.startswith(("Total", "untagged:")):
            name = text.partition("deleted: ")[2] or text
            yield Removal(what, name, 0)


def _removals(litter: Litter) -> tuple[Removal, ...]:
    names = litter.names or ("",) * len(litter.ids)
    return tuple(
        Removal(litter.kind, identity, size, name) for identity, size, name in zip(litter.ids, litter.sizes, names)
    )


def _root(docker: DockerCli) -> str:
    result = docker.call(["info", "--format", "{{.DockerRootDir}}"])
    if not result.succeeded:
        raise CommandFailedError(f"Docker does not tell where its root is: {_said(result.stderr)}")
    return result.stdout.decode("utf-8", "replace").strip()


def _reported(output: bytes) -> int:
    """``Total reclaimed space: 12.3MB``, or ``Total:  12.3MB`` of the builder."""
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.startswith("Total")]
    return read_size(lines[-1]) if lines else 0


def _said(output: bytes) -> str:
    return single_line(redact_text(output.decode("utf-8", "replace")).strip().rpartition("\n")[2].rstrip(".")) + "."
