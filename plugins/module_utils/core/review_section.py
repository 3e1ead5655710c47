# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a post-incident review that only people can write. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A place for a person's text.

    :param key: its name in records and in the file's markers.
    :param title: what a person calls it.
    :param prompt: what is asked for; shown until something is written.
    :param required: True when a review cannot be called reviewed while it is empty, whatever the record tells.
    """

    key: str
    title: str
    prompt: str
    required: bool = True

    @property
    def placeholders(self) -> tuple[str, str]:
        """The line that stands where nothing is written yet: when it has to be, and when it may be."""
        return f"_To be filled in: {self.prompt}_", f"_If there is more to say: {self.prompt}_"


SECTIONS: tuple[Section, ...] = (
    Section("impact", "Impact on users", "number of users affected, features impacted, what they saw."),
    Section("timeline", "Moments that no record tells", "HH:MM — what happened, for each moment missing above.", False),
    Section("root_cause", "More about the root cause", "what is behind the cause that the record tells.", False),
    Section("resolution", "What people did", "steps that were taken by hand.", False),
    Section("corrective_actions", "Corrective actions", "one line each: - [ ] action — owner — due date; or none."),
    Section("went_well", "What went well", "what helped."),
    Section("improve", "What could be improved", "what was missing, slow or harmful."),
    Section("monitoring", "Changes to monitoring and alerting needed", "what should have told it earlier; or none."),
    Section("notes", "Notes", "anything else.", False),
)
BY_KEY: Mapping[str, Section] = {section.key: section for section in SECTIONS}


def required_sections(*, cause_known: bool, fix_known: bool, moments_known: bool) -> tuple[str, ...]:
    """Keys of what people have to write, given what the record tells by itself."""
    told = {"root_cause": cause_known, "resolution": fix_known, "timeline": moments_known}
    return tuple(section.key for section in SECTIONS if section.required or not told.get(section.key, True))


def merge(recorded: Mapping[str, str], base: Mapping[str, str], written: Mapping[str, str]) -> dict[str, str]:
    """The texts after somebody handed in a file, section by section; nothing that a person wrote is lost.

    :param recorded: the texts of the record now.
    :param base: the texts of the record when that file was written: what the person saw.
    :param written: the texts of the file. A section that is not in it was not handed in.
    :returns: the texts that differ from ``recorded``. Where two people wrote differently, both texts stand.
    """
    changed = {}
    for key, text in written.items():
        now, then = recorded.get(key, ""), base.get(key, "")
        if text in (then, now):
            continue
        changed[key] = text if now == then or not now else _both(text, now)
    return {key: text for key, text in changed.items() if text != recorded.get(key, "")}


def _both(text: str, other: str) -> str:
    """Both texts; one that holds the other stands for both."""
    if other in text:
        return text
    return other if text in other else f"{text}\n\n{other}"
