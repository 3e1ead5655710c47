# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for a terminal or a log line."""

from __future__ import annotations

import unicodedata


def single_line(text: str, width: int = 300) -> str:
    """One printable line: control and format characters become spaces, the rest is cut at ``width`` characters.

    Control characters could move the cursor, format characters could turn the direction of reading around, and lone
    surrogates cannot be encoded. Line and paragraph separators (Zl, Zp) are line breaks to many readers of a log.
    """
    # One character more than fits tells that there is more: what a service said may be very long.
    clean = "".join(char if _is_printable(char) else " " for char in text[: width + 1])
    return clean if len(clean) <= width else clean[: width - 3] + "..."


def _is_printable(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] != "C" and category not in ("Zl", "Zp")
