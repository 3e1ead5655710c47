# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which beginnings of keys may be given for a deletion, and the pattern that fits just these. Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

_LONGEST = 256
_SPECIAL = "*?[]\\^"


def check_prefix(prefix: object, option: str = "prefix") -> str:
    """The prefix, if it is one.

    :raises InvalidInputError: it is empty, or would mean every key, or is meant as a pattern.
    """
    remedy = "Give the beginning of the keys as they are, such as 'page:', with a letter or digit and no '*' or '?'."
    if not isinstance(prefix, str) or not 0 < len(prefix) <= _LONGEST or not prefix.isprintable():
        raise InvalidInputError(option, prefix, remedy=remedy)
    if "*" in prefix or "?" in prefix or not any(letter.isalnum() for letter in prefix):
        raise InvalidInputError(option, prefix, remedy=remedy)
    return prefix


def pattern_of(prefix: str) -> str:
    """The glob pattern that fits the keys that begin so, and no others.

    Source: the pattern language of the commands KEYS and SCAN.
    """
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in prefix) + "*"
