# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words and values in the files of systemd, so that they mean what was meant whatever stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z0-9_@:=,./+-]+")
# What POSIX shells and systemd both unescape within double quotes, and nothing else.
_SPECIAL = re.compile(r'(["\\$`])')


def systemd_words(words: str | Sequence[Any], *, expands: bool = False) -> str:
    """Words for a unit file, each of them one word to systemd, with no specifier.

    :param words: one word, or a list of them.
    :param expands: True for ``ExecStart=``, which replaces variables; the words then hold none. False for a setting
        such as ``Environment=``, which takes a dollar sign as it is.
    :raises IncidentResponseError: a word holds a control character, which would begin another line of the file.
    """
    return " ".join(_word(str(word), expands=expands) for word in ([words] if isinstance(words, str) else words))


def environment_file(variables: Mapping[str, Any]) -> str:
    """Return the lines of an environment file that systemd (``EnvironmentFile=``) and a shell (``.``) read alike.

    :param variables: name -> value; a value may hold anything, also line breaks, except NUL.
    :raises IncidentResponseError: a name is none of an environment variable, or a value holds NUL. Names no value.
    """
    lines = []
    for name, value in variables.items():
        if not _NAME.fullmatch(str(name)):
            raise IncidentResponseError(
                f"{name!r} is no name of an environment variable.",
                remedy="Take letters, digits and underscores, with no digit first.",
            )
        if "\0" in str(value):
            raise IncidentResponseError(f"The value of {name} holds a NUL character.", remedy="Leave it out.")
        escaped = _SPECIAL.sub(r"\\\1", str(value))
        lines.append(f'{name}="{escaped}"\n')
    return "".join(lines)


def _word(word: str, *, expands: bool) -> str:
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in word):
        raise IncidentResponseError(
            f"{word!r} holds a control character, which cannot stand in a unit file.",
            remedy="Leave it out, or give it by extra_vars, which go into a file of their own.",
        )
    safe = word.replace("%", "%%")
    if expands:
        safe = safe.replace("$", "$$")
    if _PLAIN.fullmatch(word):
        return safe
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
