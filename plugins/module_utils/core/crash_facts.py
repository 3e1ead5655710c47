# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a service's crashes beyond the state of its containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_ledger import Ledger
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_signature import LastWords
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import KnownGood


@dataclass(frozen=True)
class CrashFacts:
    """The record's view of a service, brought up to date by this look.

    :param ledger: its crashes.
    :param recent: how many of them are within the window of the threshold C(crash_ledger_s).
    :param known_good: what it ran when it was last seen healthy, or None.
    :param image_changed: True when it runs another image; None when nothing is known to compare with.
    :param config_changed: the same for its configuration; None also when the hashes cannot be compared.
    :param rolled_back_from: the image that a rollback replaced, by name; empty when it was not rolled back.
    :param words: what the program said last, when it has crashed.
    """

    ledger: Ledger = field(default_factory=Ledger)
    recent: int = 0
    known_good: KnownGood | None = None
    image_changed: bool | None = None
    config_changed: bool | None = None
    rolled_back_from: str = ""
    words: LastWords = field(default_factory=LastWords)

    def to_data(self) -> dict[str, Any]:
        """Plain data for the service's part of the result."""
        return {
            "recent": self.recent,
            "last_exit_code": self.ledger.last_exit_code,
            "signature": self.words.signature,
            "last_words": list(self.words.lines),
            "last_known_good": self.known_good.to_data() if self.known_good else None,
            "image_changed": self.image_changed,
            "config_changed": self.config_changed,
            "rolled_back_from": self.rolled_back_from,
        }


@dataclass(frozen=True)
class CrashReport:
    """The facts, and what of them is new to the record.

    :param sample: name -> value, empty when nothing is new.
    """

    facts: CrashFacts
    sample: Mapping[str, Any] = field(default_factory=dict)
