# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotates the shared secret of a platform, or accepts the one that runs as the one that later runs compare with."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.secret_env_file import (
    check_reach,
    find_env_file,
    write_value,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.secret_facts import Fingerprinter
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_values import (
    RunningSecrets,
    desired_secrets,
    env_files,
    running_secrets,
)

_BYTES = 48
"""Of randomness: 384 bits, 64 characters of base64url."""


class Ledger(Protocol):
    """Where the rotation is recorded, so that the change is explained."""

    def recorded(self) -> Mapping[str, Any]:
        """What earlier runs kept of the issuer's secret; empty when there is nothing."""

    def keep(self, sample: Mapping[str, Any]) -> None:
        """Keep this in its place."""


@dataclass(frozen=True)
class SecretWish:
    """What is wanted.

    :param issuer: the service under whose name the secret is recorded.
    :param variable: name of the secret.
    :param stamp: for the backup's name.
    """

    issuer: str
    variable: str
    stamp: str
    deadline: float = 10.0


@dataclass(frozen=True)
class SecretChange:
    """What was done, or would be.

    :param services: the services that have the secret.
    :param before: and ``after``: fingerprints, for a diff; empty when there was none.
    """

    changed: bool
    services: tuple[str, ...]
    env_file: str = ""
    backup: str = ""
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


def rotate_secret(
    scene: Scene, means: Means, wish: SecretWish, ledger: Ledger, key: Callable[[], bytes], *, check_mode: bool
) -> SecretChange:
    """Write a new random value into the env file. The services go on with the old one until they are recreated.

    The intent is recorded before the file is touched: a run that is killed in between leaves no unexplained change.

    :raises CommandFailedError: the secret does not come from an env file, or not for every service that has it.
    """
    running, desired = _look(scene, means, wish)
    found = find_env_file(env_files(scene), wish.variable)
    check_reach(found, wish.variable, {name: one.value for name, one in running.values.items()}, desired)
    services = tuple(sorted({*running.values, *desired}))
    if check_mode:
        return SecretChange(True, services, found.path)
    fingerprinter = Fingerprinter(key(), scene.project)
    value = secrets.token_urlsafe(_BYTES)
    old, new = fingerprinter.of(found.value), fingerprinter.of(value)
    before = ledger.recorded() or {"source": old, "running": dict.fromkeys(services, old)}
    ledger.keep({**before, "next": new})
    backup = write_value(found, wish.variable, value, wish.stamp)
    # The mark stays until everybody was seen with it: who runs with the old one is recreated, also when all do.
    ledger.keep({"source": new, "running": dict.fromkeys(services, new), "next": new})
    return SecretChange(True, services, found.path, backup, {wish.variable: old}, {wish.variable: new})


def accept_secret(
    scene: Scene, means: Means, wish: SecretWish, ledger: Ledger, key: Callable[[], bytes], *, check_mode: bool
) -> SecretChange:
    """Record what runs now as known: a person has looked at the change and knows who made it.

    :raises CommandFailedError: the services do not agree, so there is nothing to accept.
    """
    running, desired = _look(scene, means, wish)
    if len({one.value for one in running.values.values()} | set(desired.values())) != 1 or running.unreadable:
        raise CommandFailedError(
            f"The services and the Compose files do not agree on one {wish.variable}, so none can be accepted.",
            remedy="Recreate the services that differ first.",
        )
    known = means.fingerprint_key() if check_mode else key()
    if known is None:
        return SecretChange(True, tuple(sorted(running.values)))
    fingerprinter = Fingerprinter(known, scene.project)
    prints = {name: fingerprinter.of(one.value) for name, one in sorted(running.values.items())}
    sample = {"source": next(iter(prints.values())) if desired else "", "running": prints}
    recorded = ledger.recorded()
    changed = dict(recorded) != sample
    if changed and not check_mode:
        ledger.keep(sample)
    return SecretChange(changed, tuple(prints), before=dict(recorded.get("running") or {}), after=prints)


def _look(scene: Scene, means: Means, wish: SecretWish) -> tuple[RunningSecrets, dict[str, str]]:
    running = running_secrets(scene, means.docker, [wish.variable], wish.deadline)
    if not running.values:
        raise CommandFailedError(f"No service of {scene.project} has a {wish.variable}.")
    desired, error = desired_secrets(scene, means.compose(scene.files, scene.redactor), [wish.variable], running)
    if error:
        raise CommandFailedError(f"The Compose files do not tell the {wish.variable}: {error}.")
    return running, {name: one.value for name, one in desired.items()}
