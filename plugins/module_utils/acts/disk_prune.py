# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-2: removes what Docker keeps and nobody uses. One thing at a time, measured after each, stopping at the target.

Never ``--all``, never ``--volumes``, never by force: what came into use meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.disk_room import (
    Cleaning,
    Measure,
    Removal,
    Room,
    reached,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_facts import Litter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.disk_litter import (
    BUILD_CACHE,
    CONTAINERS,
    IMAGES,
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
_TARGET = {IMAGES: ("image", "rm"), CONTAINERS: ("container", "rm")}
_SECONDS = 600.0


@dataclass(frozen=True)
class Prune:
    """What is wanted.

    :param what: one of :data:`WHAT`.
    :param kept_services: (project, service) of open incidents: their containers are evidence.
    :param with_platforms: whether stopped containers of Compose services may go.
    :param target_percent: use of the file system of Docker's root at which to stop; 0 for no target.
    """

    what: str
    settings: DiskSettings
    kept_services: Collection[tuple[str, str]] = field(default_factory=frozenset)
    with_platforms: bool = False
    target_percent: float = 0.0


def prune(docker: DockerCli, wish: Prune, now: float, measure: Measure, *, check_mode: bool) -> Cleaning:
    """Look again at what may go, then remove it.

    :raises EngineUnavailableError: Docker does not answer.
    :raises CommandFailedError: it refused.
    :raises IncidentResponseError: ``system`` would remove what must stay.
    """
    root = _root(docker)
    before = _measured(measure, root)
    found = look_at_litter(
        docker, wish.settings, now, kept_services=wish.kept_services, with_platforms=wish.with_platforms
    )
    if before is not None and reached(before, wish.target_percent):
        return Cleaning(root, before=before, after=before)
    if wish.what == SYSTEM:
        _refuse_what_must_stay(docker, wish, now)
        return _system(docker, wish, found, root, before, measure, check_mode=check_mode)
    litter = {item.kind: item for item in found.all}[wish.what]
    if not litter.ids:
        return Cleaning(root, before=before, after=before)
    if wish.what == BUILD_CACHE:
        return _build_cache(docker, wish, litter, root, before, measure, check_mode=check_mode)
    if check_mode:
        return Cleaning(root, _removals(litter), before, before)
    return _one_by_one(docker, wish, litter, root, before, measure)


def _one_by_one(
    docker: DockerCli, wish: Prune, litter: Litter, root: str, before: Room | None, measure: Measure
) -> Cleaning:
    removed: list[Removal] = []
    problems: list[str] = []
    after, left = before, 0
    for position, removal in enumerate(_removals(litter)):
        if after is not None and reached(after, wish.target_percent):
            left = len(litter.ids) - position
            break
        result = docker.call([*_TARGET[wish.what], removal.id], deadline=_SECONDS)
        if result.succeeded:
            removed.append(removal)
        elif b"no such" not in result.stderr.lower():
            problems.append(f"{removal.name or removal.id} stays: {_said(result.stderr)}")
        after = _measured(measure, root)
    return Cleaning(root, tuple(removed), before, after, left, tuple(problems), sum(item.size for item in removed))


def _build_cache(
    docker: DockerCli,
    wish: Prune,
    litter: Litter,
    root: str,
    before: Room | None,
    measure: Measure,
    *,
    check_mode: bool,
) -> Cleaning:
    removal = Removal(BUILD_CACHE, f"{len(litter.ids)} entries", litter.size)
    if check_mode:
        return Cleaning(root, (removal,), before, before)
    age = f"until={wish.settings.build_cache_age_h:g}h"
    result = docker.call(["builder", "prune", "--force", "--filter", age], deadline=_SECONDS)
    if not result.succeeded:
        raise CommandFailedError(f"Docker did not prune its build cache: {_said(result.stderr)}")
    reported = _reported(result.stdout)
    done = (removal,) if reported or litter.size == 0 else ()
    return Cleaning(root, done, before, _measured(measure, root), reported=reported)


def _system(
    docker: DockerCli,
    wish: Prune,
    found: LitterFacts,
    root: str,
    before: Room | None,
    measure: Measure,
    *,
    check_mode: bool,
) -> Cleaning:
    """``docker system prune``; nothing is done when there is nothing that the policy lets go."""
    expected = tuple(item for litter in found.all for item in _removals(litter))
    if check_mode or not expected:
        return Cleaning(root, expected, before, before)
    filters = [word for label in wish.settings.labels for word in ("--filter", f"label={label}")]
    age = max(wish.settings.image_age_h, wish.settings.build_cache_age_h, wish.settings.container_age_h)
    until = ["--filter", f"until={age:g}h"] if age else []
    result = docker.call(["system", "prune", "--force", *until, *filters], deadline=_SECONDS)
    if not result.succeeded:
        raise CommandFailedError(f"docker system prune failed: {_said(result.stderr)}")
    reported = _reported(result.stdout)
    gone = _gone(result.stdout.decode("utf-8", "replace").splitlines())
    removed = tuple(Removal(SYSTEM, name, 0) for name in gone)
    return Cleaning(root, removed, before, _measured(measure, root), reported=reported)


def _refuse_what_must_stay(docker: DockerCli, wish: Prune, now: float) -> None:
    """Docker's own prune knows nothing of platforms and incidents, and counts a container's age from its creation."""
    everything = DiskSettings(labels=wish.settings.labels, build_cache_age_h=0, image_age_h=0, container_age_h=0)
    all_of_them = look_at_litter(docker, everything, now, with_platforms=True)
    free_to_go = look_at_litter(
        docker, everything, now, kept_services=wish.kept_services, with_platforms=wish.with_platforms
    )
    spared = sorted(set(all_of_them.containers.names) - set(free_to_go.containers.names))
    if spared:
        raise IncidentResponseError(
            f"docker system prune would remove stopped containers that must stay: {', '.join(spared[:10])}.",
            remedy="They belong to a Compose project, which could not be started without them, or to an open incident."
            " Give labels that they do not bear, or remove them by hand.",
        )


def _gone(lines: Sequence[str]) -> list[str]:
    """The ids in what docker prints; the headings and the total are left out."""
    return [
        line.strip() for line in lines if line.strip() and not line.rstrip().endswith(":") and "reclaimed" not in line
    ]


def _removals(litter: Litter) -> tuple[Removal, ...]:
    names = litter.names or ("",) * len(litter.ids)
    share = litter.size // len(litter.ids) if litter.ids else 0
    return tuple(Removal(litter.kind, identity, share, name) for identity, name in zip(litter.ids, names))


def _root(docker: DockerCli) -> str:
    result = docker.call(["info", "--format", "{{.DockerRootDir}}"])
    if not result.succeeded:
        raise CommandFailedError(f"Docker does not tell where its root is: {_said(result.stderr)}")
    return result.stdout.decode("utf-8", "replace").strip()


def _measured(measure: Measure, root: str) -> Room | None:
    try:
        return measure(root)
    except OSError:
        return None


def _reported(output: bytes) -> int:
    """``Total reclaimed space: 12.3MB``, or ``Total:  12.3MB`` of the builder."""
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.startswith("Total")]
    return read_size(lines[-1]) if lines else 0


def _said(output: bytes) -> str:
    return single_line(redact_text(output.decode("utf-8", "replace")).strip().rpartition("\n")[2].rstrip(".")) + "."
