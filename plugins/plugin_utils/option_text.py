# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a role as they are meant: ``-e name=value`` hands every value on as text, and an inventory may as well."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import read_positive

_AS_LIST = "in a file of variables: -e @file.yml; or as JSON"
_SCENARIO_KEYS = ("name", "role", "playbook", "findings")
_FOLDER = re.compile(r"/[^\0\n/][^\0\n]*/[^\0\n/][^\0\n]*")


def read_option(value: object, kind: str, option: str) -> Any:
    """Return the value as its kind says.

    :param kind: ``names`` (a list of words; None stays None), ``rungs`` and ``mappings`` (lists of mappings),
        ``scenarios`` (the same, never empty, each with ``name`` and ``role``), ``mapping``, ``limit`` (a positive
        number) or ``folder`` (an absolute path below another one).
    :param option: what to call it in an error.
    :raises InvalidInputError: it is nothing of that kind.
    """
    return _READERS[kind](value, option)


def _names(value: object, option: str) -> list[str] | None:
    """Nothing at all is None; an empty text is a list of nobody, never of everybody."""
    if value is None or (isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value)):
        return value if value is None else list(value)
    # Each scalar stays the word that was written: a service may be called 'on' or '1'.
    read = _parsed(value, yaml.BaseLoader) if isinstance(value, str) else value
    if isinstance(read, str):
        return [name.strip() for name in read.split(",") if name.strip()]
    if isinstance(read, list) and all(isinstance(name, str) for name in read):
        return read
    raise InvalidInputError(option, value, remedy="Give a list of names, for example [redis, user-service].")


def _rungs(value: object, option: str) -> list[Any]:
    read = _parsed(value, yaml.SafeLoader) if isinstance(value, str) else value
    if isinstance(read, (list, tuple)):
        return list(read)
    raise InvalidInputError(option, value, remedy=f"Give a list of rungs, least harmful first, {_AS_LIST}.")


def _mappings(value: object, option: str) -> list[Any]:
    read = _parsed(value, yaml.SafeLoader) if isinstance(value, str) else value
    if isinstance(read, (list, tuple)) and all(isinstance(entry, Mapping) for entry in read):
        return list(read)
    raise InvalidInputError(option, value, remedy=f"Give a list of mappings, {_AS_LIST}.")


def _scenarios(value: object, option: str) -> list[Any]:
    """Without any nobody would look at anything, and all would seem to be well."""
    read = _parsed(value, yaml.SafeLoader) if isinstance(value, str) else value
    remedy = f"Give a list of scenarios, at least one, each with its name and role, {_AS_LIST}; or leave it out."
    if not isinstance(read, (list, tuple)) or not read:
        raise InvalidInputError(option, value, remedy=remedy)
    for number, entry in enumerate(read):
        if not (isinstance(entry, Mapping) and all(_is_word(entry.get(key)) for key in ("name", "role"))):
            raise InvalidInputError(f"{option}[{number}]", entry, remedy=remedy)
        for key in entry:
            if key not in _SCENARIO_KEYS:
                known = f"Known keys: {', '.join(_SCENARIO_KEYS)}."
                raise InvalidInputError(f"{option}[{number}].{key}", entry[key], remedy=known)
    return list(read)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _mapping(value: object, option: str) -> dict[str, Any]:
    read = _parsed(value, yaml.SafeLoader) if isinstance(value, str) else value
    if isinstance(read, str):
        try:
            read = check_type_dict(read)
        except TypeError:
            read = None
    if isinstance(read, Mapping):
        return dict(read)
    raise InvalidInputError(option, value, remedy='Give a mapping, for example {"name": 50}, in quotes for the shell.')


def _folder(value: object, option: str) -> str:
    if isinstance(value, str) and _FOLDER.fullmatch(value):
        return value
    raise InvalidInputError(option, value, remedy="Give a folder by its absolute path, such as /dev/shm/ansible.")


def _parsed(text: str, loader: type[Any]) -> object:
    """What the text says as YAML, of which JSON is a part; None when it says nothing."""
    if not text.strip():
        return ""
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - one of the two loaders that make plain data only
    except (yaml.YAMLError, ValueError):  # A day that no calendar has is a ValueError.
        return None


_READERS: dict[str, Callable[[object, str], Any]] = {
    "names": _names,
    "rungs": _rungs,
    "mappings": _mappings,
    "scenarios": _scenarios,
    "mapping": _mapping,
    "limit": read_positive,
    "folder": _folder,
}
