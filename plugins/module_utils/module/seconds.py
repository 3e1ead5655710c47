# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are a number of seconds. One that is no number at all (YAML has ``.nan``) would never pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

MOST = 86400.0
"""An index of a very large table takes hours."""
MOST_OF_A_PROBE = 3600.0


def check_seconds(options: Mapping[str, Any], names: Iterable[str]) -> None:
    """:raises InvalidInputError: names the first of these options that is no time that somebody would wait."""
    for name in names:
        most = MOST_OF_A_PROBE if name == "probe_deadline" else MOST
        if not 0 < options[name] <= most:
            raise InvalidInputError(name, options[name], remedy=f"Give 0 to {most:.0f} seconds, more than 0.")
