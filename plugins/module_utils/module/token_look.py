# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules about tokens: from options to a look at the platform, or to a new secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.secret_rotation import (
    SecretChange,
    SecretWish,
    accept_secret,
    rotate_secret,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import TrustFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_settings import TokenSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.token import judge_trust
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
    observe_options,
    real_means,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import choose_project
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.means import Means
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.options import ObserveOptions
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.scene import Scene, set_scene
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.secret_key import ensure_key
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_trust import (
    TrustLook,
    probe_trust,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import sample_table
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import Clock, SystemClock
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Record, open_record

SECRET_SPEC: dict[str, Any] = {
    **{
        name: PLATFORM_SPEC[name]
        for name in ("services", "compose_files", "env_files", "profiles", "docker_cli", "state_dir")
    },
    "project": {"type": "str", "required": True},
    "issuer": {"type": "str", "required": True},
    "variable": {"type": "str", "default": "JWT_SECRET"},
    "state": {"type": "str", "choices": ["rotated", "accepted"], "required": True},
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECONDS = 10.0


def look_at_scene(options: ObserveOptions, means: Means) -> tuple[Scene, Mapping[str, Any]]:
    """The platform's containers, and what is recorded of it.

    :raises IncidentResponseError: the engine does not answer, or there is no such project.
    """
    refs = means.docker.containers(deadline=options.probe_deadline)
    project = choose_project(refs, options.project)
    ids = [ref.id for ref in refs if ref.project == project and ref.service and not ref.oneoff]
    inspected = means.docker.inspect(ids, deadline=options.probe_deadline)
    record = means.record(project)
    return set_scene(project, inspected, options, record.get("maintenance") or ()), record


def issuer_of(scene: Scene, wanted: str) -> str:
    """The service that issues tokens: the named one, else the only one that the inventory tells of, else none.

    :raises InvalidInputError: there is no such service, or the inventory tells of several.
    """
    if wanted:
        if wanted not in scene.services:
            known = ", ".join(sorted(scene.services))
            raise InvalidInputError("issuer", wanted, remedy=f"The services of this platform are: {known}.")
        return wanted
    found = sorted(name for name, kind in scene.kinds.items() if kind == "token_issuer")
    if len(found) > 1:
        raise InvalidInputError(
            "issuer", wanted, remedy=f"Several services issue tokens: name one of {', '.join(found)}."
        )
    return found[0] if found else ""


def look_at_trust(options: Mapping[str, Any], runner: CommandRunner, check_mode: bool) -> dict[str, Any]:
    """All facts and findings about a platform's tokens."""
    wanted = observe_options(options, check_mode=check_mode)
    scene, facts = _trust(wanted, real_means(options, runner), options["issuer"])
    return trust_result(facts, scene, wanted.thresholds)


def trust_result(facts: TrustFacts, scene: Scene, thresholds: Thresholds) -> dict[str, Any]:
    """The result of ``token_trust_info``."""
    findings = [finding.to_data() for finding in judge_trust(facts, thresholds)]
    return {"project": scene.project, "token_trust": facts.to_data(), "findings": findings}


def _trust(options: ObserveOptions, means: Means, wanted: str) -> tuple[Scene, TrustFacts]:
    scene, record = look_at_scene(options, means)
    issuer = issuer_of(scene, wanted)
    samples = (record.get("samples") or {}).get(issuer) or {}
    look = TrustLook(
        scene=scene,
        means=means,
        issuer=issuer,
        settings=scene.settings_of(issuer).token if issuer else TokenSettings(),
        recorded=samples.get("secrets") or {},
        deadline=options.probe_deadline,
        writing=options.writing,
        thorough=True,
    )
    return scene, probe_trust(look)


@dataclass(frozen=True)
class RecordLedger:
    """The samples of the issuer, in the record."""

    record: Record
    clock: Clock
    project: str
    issuer: str

    def recorded(self) -> Mapping[str, Any]:
        """See ``acts.secret_rotation.Ledger``."""
        samples = self.record.run(partial(sample_table.of_platform, platform=self.project))
        return samples.get(self.issuer, {}).get("secrets") or {}

    def keep(self, sample: Mapping[str, Any]) -> None:
        """See ``acts.secret_rotation.Ledger``."""
        samples = {self.issuer: {"secrets": dict(sample)}}
        self.record.run(partial(sample_table.keep, platform=self.project, samples=samples, now=self.clock.now()))


def change_secret(options: Mapping[str, Any], runner: CommandRunner, *, check_mode: bool) -> dict[str, Any]:
    """The result of ``token_secret``.

    :raises IncidentResponseError: it cannot be done; nothing is changed then.
    """
    if not _VARIABLE.fullmatch(options["variable"]):
        raise InvalidInputError(
            "variable", options["variable"], remedy="Give the name of a variable, such as JWT_SECRET."
        )
    given = {**{name: entry.get("default") for name, entry in PLATFORM_SPEC.items()}, **options}
    wanted = observe_options(given, check_mode=check_mode)
    means = real_means(given, runner)
    scene, _record = look_at_scene(wanted, means)
    issuer = issuer_of(scene, options["issuer"])
    clock = SystemClock()
    moment = datetime.fromtimestamp(clock.now().wall, tz=timezone.utc)
    wish = SecretWish(issuer, options["variable"], moment.strftime("%Y%m%dT%H%M%SZ"), _SECONDS)
    act = rotate_secret if options["state"] == "rotated" else accept_secret
    ledger = RecordLedger(open_record(options["state_dir"], rehearse=check_mode), clock, scene.project, issuer)
    change = act(scene, means, wish, ledger, lambda: _key(ledger, options["state_dir"]), check_mode=check_mode)
    return secret_result(change, options["state"], options["variable"])


def _key(ledger: RecordLedger, state_dir: str) -> bytes:
    ledger.recorded()  # makes the state directory, and refuses one that is not safe
    return ensure_key(state_dir)


def secret_result(change: SecretChange, state: str, variable: str) -> dict[str, Any]:
    """Plain data. A diff shows fingerprints; the values are nowhere."""
    what = [{"what": "secret", "id": change.env_file or variable, "status": state, "service": ""}]
    return {
        "changed": change.changed,
        "actions": what if change.changed else [],
        "services": list(change.services),
        "env_file": change.env_file,
        "backup": change.backup,
        "diff": {"before": _lines(change.before), "after": _lines(change.after)},
    }


def _lines(prints: Mapping[str, str]) -> str:
    return "".join(f"{name}: fingerprint {found}\n" for name, found in prints.items())
