# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for a terminal or a log line."""

from __future__ import annotations

import unicodedata


def single_line(text: str, width: int = 300) -> str:
    """One printable line: control and format characters become spaces, the rest is cut at ``width`` characters.

    Control characters could move the cursor, format characters could turn the direction of reading around.
    """
    clean = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return clean if len(clean) <= width else clean[: width - 3] + "..."
