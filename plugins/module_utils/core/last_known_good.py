# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service ran when it was last seen healthy: its image, and the configuration that it was made from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container

SAMPLE_KEY = "last_known_good"
ROLLED_BACK_LABEL = "agentfoundry.incident_response.rolled_back_from"
"""On a container that a rollback has made: the image that it replaced."""
_FIELDS = ("image", "image_id", "config_hash", "compose_version")


@dataclass(frozen=True)
class KnownGood:
    """Bookkeeping of the record.

    :param image: the reference, ``shop/api:1.4``. It may name another image by now.
    :param image_id: the image itself, ``sha256:...``.
    :param config_hash: hash of the service's configuration, comparable only under the same ``compose_version``.
    """

    image: str
    image_id: str
    config_hash: str = ""
    compose_version: str = ""

    def to_data(self) -> dict[str, str]:
        """Plain data, as it is recorded."""
        return asdict(self)


def read_known_good(sample: Mapping[str, Any]) -> KnownGood | None:
    """From the samples of a service; None when there is none, or one of another shape."""
    found = sample.get(SAMPLE_KEY)
    if not isinstance(found, Mapping) or not all(isinstance(found.get(name, ""), str) for name in _FIELDS):
        return None
    known = KnownGood(**{name: found.get(name, "") for name in _FIELDS})
    return known if known.image and known.image_id else None


def known_good_of(containers: Sequence[Container]) -> KnownGood | None:
    """What these containers run; None when there is none, or when they do not all run the same."""
    found = {
        KnownGood(item.image, item.image_id, item.compose.config_hash, item.compose.version) for item in containers
    }
    known = found.pop() if len(found) == 1 else None
    return known if known is not None and known.image and known.image_id else None


def image_differs(containers: Sequence[Container], known: KnownGood) -> bool:
    """True when a container runs another image."""
    return any(item.image_id != known.image_id for item in containers)


def config_differs(containers: Sequence[Container], known: KnownGood) -> bool | None:
    """True when a container was made from another configuration; None when it cannot be told.

    The hash covers the image's reference as well, so that a new tag alone makes a difference.
    """
    hashes = [item.compose.config_hash for item in containers if item.compose.version == known.compose_version]
    if not known.config_hash or len(hashes) != len(containers) or not all(hashes):
        return None
    return any(one != known.config_hash for one in hashes)
