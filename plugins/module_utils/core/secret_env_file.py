# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The env file that a Compose file's ``${VARIABLES}`` come from: one value read, one value replaced. Pure.

Values follow the rules of Compose: quotes around them are taken off, an unquoted value ends before `` #``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE = r"^(?P<head>[ \t]*(?:export[ \t]+)?{name}[ \t]*=)(?P<value>[^\r\n]*)"


def find_value(text: str, name: str) -> str | None:
    """The value of the variable, that of the last line that sets it; None when none does."""
    found = [match["value"] for match in re.finditer(_LINE.format(name=re.escape(name)), text, re.MULTILINE)]
    return _unquote(found[-1]) if found else None


def replace_value(text: str, name: str, value: str) -> str:
    """The text with another value in every line that sets the variable; all else stays as it is.

    :param value: letters, digits, hyphens and underscores, which need no quotes.
    :raises ValueError: the value needs quotes, or no line sets the variable.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
        raise ValueError("the new value needs quotes")
    replaced, count = re.subn(
        _LINE.format(name=re.escape(name)), lambda match: match["head"] + value, text, flags=re.MULTILINE
    )
    if not count:
        raise ValueError(f"no line sets {name}")
    return replaced


def is_plain(text: str, name: str) -> bool:
    """Whether the variable's lines hold whole values: no quote that goes on in the next line, no reference to another
    variable, which a replacement would cut in two or lose."""
    for match in re.finditer(_LINE.format(name=re.escape(name)), text, re.MULTILINE):
        value = match["value"].strip()
        if value[:1] in ("'", '"') and not re.fullmatch(r"(['\"]).*\1(?:\s+#.*)?", value):
            return False
        if re.search(r"\$(?:\{|[A-Za-z_])", value) and not value.startswith("'"):
            return False
    return True


def variables_in(wanted: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the variables of an env file that hold this value."""
    return tuple(sorted(name for name, value in environment.items() if value == wanted))


def read_all(text: str) -> dict[str, str]:
    """All variables with their values. Holds secrets: never shown."""
    found = {}
    for match in re.finditer(_LINE.format(name=r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"), text, re.MULTILINE):
        found[match["name"]] = _unquote(match["value"])
    return found


def _unquote(value: str) -> str:
    value = value.strip()
    match = re.match(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"", value)
    if match is None:
        return re.split(r"\s#", value, maxsplit=1)[0].rstrip()
    if match[1] is not None:
        return match[1]
    return re.sub(r"\\(.)", lambda escaped: {"n": "\n", "t": "\t", "r": "\r"}.get(escaped[1], escaped[1]), match[2])
