# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dependency graph of a platform, and which failing service is the cause of which other one's failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class DependencyGraph:
    """Who needs whom.

    :param needs: service -> the services it depends on. Unknown names are allowed and have no dependencies.
    """

    needs: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, needs: Mapping[str, Iterable[str]]) -> DependencyGraph:
        """A graph from any mapping of iterables."""
        return cls({service: frozenset(names) for service, names in needs.items()})

    def dependencies(self, service: str) -> frozenset[str]:
        """Everything that the service needs, directly or through others. A cycle contains the service itself."""
        seen: set[str] = set()
        waiting = list(self.needs.get(service, ()))
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(self.needs.get(name, ()))
        return frozenset(seen)

    def dependants(self, service: str) -> frozenset[str]:
        """Every service that needs this one, directly or through others, without itself."""
        return frozenset(name for name in self.needs if name != service and service in self.dependencies(name))

    def direct_dependants(self, service: str) -> frozenset[str]:
        """The services that name this one as a dependency."""
        return frozenset(name for name, needed in self.needs.items() if service in needed)

    def root_causes(self, failing: Iterable[str], own: Iterable[str] = ()) -> frozenset[str]:
        """Failing services none of whose dependencies fail.

        In a cycle of failing services nobody is first, so each of them is a root cause.

        :param own: those that fail by a fault that no dependency can have caused, whoever else fails.
        """
        bad = frozenset(failing)
        roots = set(bad.intersection(own))
        for service in bad:
            others = (self.dependencies(service) & bad) - {service}
            if all(service in self.dependencies(other) for other in others):
                roots.add(service)
        return frozenset(roots)

    def symptoms(self, failing: Iterable[str], own: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
        """Failing services that are no root cause -> the root causes they suffer from, sorted.

        :param own: as for :meth:`root_causes`.
        """
        bad = frozenset(failing)
        roots = self.root_causes(bad, own)
        return {service: tuple(sorted(self.dependencies(service) & roots)) for service in sorted(bad - roots)}

    def dependencies_first(self, services: Iterable[str]) -> list[str]:
        """The services in an order in which each comes after those it needs; alphabetical where free, cycles last."""
        left = set(services)
        ordered: list[str] = []
        while left:
            ready = sorted(name for name in left if not ((self.dependencies(name) - {name}) & left))
            if not ready:
                return ordered + sorted(left)
            ordered += ready
            left -= set(ready)
        return ordered
