# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a compliance run has before it: one observation, and the incidents of the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import (
    Asked,
    Subject,
    Verdict,
    Waiver,
)

Service = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """Facts and findings by service.

    :param observed: a result of ``platform_info``.
    :param incidents: of the record; None when they could not be read.
    :param now: wall clock, seconds since the epoch.
    """

    observed: Mapping[str, Any]
    incidents: Sequence[Mapping[str, Any]] | None
    now: float
    asked: Asked = field(default_factory=Asked)

    @property
    def engine_answers(self) -> bool:
        """Without the engine nothing of the platform is known."""
        return bool(self.observed["engine"]["answers"])

    @property
    def host(self) -> Mapping[str, Any]:
        """The host's part."""
        return self.observed.get("host") or {}

    @property
    def waivers(self) -> Sequence[Waiver]:
        """The inventory's."""
        return self.asked.waivers

    def limit(self, name: str) -> float:
        """See ``model.LIMITS``."""
        return self.asked.limits[name]

    @cached_property
    def findings(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Service, host or empty -> findings."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for finding in self.observed["findings"]:
            found.setdefault(finding["service"], []).append(finding)
        return found

    def services(self, kind: str = "") -> dict[str, Service]:
        """The services that nobody declared to be ignored, of one kind or all.

        :param kind: empty for all.
        """
        return {
            name: seen
            for name, seen in sorted(self.observed["services"].items())
            if seen["declared"] != "ignored" and kind in ("", seen["kind"])
        }

    def containers(self) -> Iterator[tuple[str, Service, Mapping[str, Any]]]:
        """Service, the service, and each of its containers."""
        for name, seen in self.services().items():
            for container in seen["containers"]:
                yield name, seen, container

    def kind_facts(self, kind: str, need: str) -> Iterator[tuple[str, Mapping[str, Any] | Subject]]:
        """Service and what the probe of its kind saw; a subject instead when there is nothing to judge.

        :param need: a key that has to hold something, else the service did not tell.
        """
        for name, seen in self.services(kind).items():
            facts = seen.get(kind)
            if seen["declared"]:
                words = f"{name} is declared {seen['declared']} and was not asked."
                yield name, Subject(name, Verdict.NOT_APPLICABLE, words)
            elif not facts or facts.get(need) is None:
                yield name, Subject(name, Verdict.UNKNOWN, f"{name} did not tell: {self.why(name, facts)}.")
            else:
                yield name, facts

    def why(self, service: str, facts: Mapping[str, Any] | None = None) -> str:
        """Why nothing is known of a service, as the end of a sentence."""
        told = str((facts or {}).get("error") or "")
        worst = (found["message"] for found in self.findings.get(service, ()) if found["status"] in _BAD)
        return (told or next(worst, "") or "no probe of it has ended").rstrip(".")


_BAD = ("critical", "unknown")
__all__ = ["HOST", "Seen", "Service"]
