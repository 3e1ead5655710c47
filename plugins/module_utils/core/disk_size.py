# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes as Docker prints them and as a person reads them."""

from __future__ import annotations

import math
import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMGTPE]?)(i?)B")
_POWERS = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def read_size(text: str) -> int:
    """Bytes of ``44.21kB`` (powers of 1000, as Docker's go-units prints) or ``1.5MiB``; 0 for anything else."""
    found = _SIZE.search(text)
    if found is None:
        return 0
    number, prefix, binary = found.groups()
    base = 1024.0 if binary else 1000.0
    return round(float(number) * math.pow(base, _POWERS[prefix]))


def size_in_words(size: float) -> str:
    """``12.3 MB``: three figures, powers of 1000 as Docker has them."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(value) < 999.5 or unit == "TB":
            return f"{value:.0f} {unit}" if unit == "B" or abs(value) >= 99.95 else f"{value:.1f} {unit}"
        value /= 1000.0
    raise AssertionError("unreachable")


def time_in_words(seconds: float) -> str:
    """``40 minutes``, ``5 hours``, ``3 days``: one figure is enough for when a disk is full."""
    for unit, length in (("day", 86400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 1.5 * length or unit == "minute":
            count = max(1, round(seconds / length))
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    raise AssertionError("unreachable")
