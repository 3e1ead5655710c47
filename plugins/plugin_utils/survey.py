# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of roles and modules to a survey of AWX: types, choices and defaults come from there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Tier

Options = Mapping[str, Mapping[str, Any]]
_KEYS = ("option", "variable", "name", "required", "default", "min", "max", "multiline", "ladders")
_LONGEST_TEXT, _LONGEST_TEXTAREA = 1024, 8192
_MARKUP = re.compile(r"\b[A-Z]{1,3}\(([^()]*)\)")


def survey_spec(
    title: str, questions: Sequence[str | Mapping[str, Any]], options: Options, prefixes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the survey as the API of AWX takes it, or nothing when nothing is asked.

    :param title: the survey's name.
    :param questions: names of options, or mappings with ``option`` and what the specification cannot say: the
        ``variable`` when it is another one than the option, a ``name`` for people, ``required``, a ``default`` that
        differs, ``min`` and ``max`` (of a number, or the length of a text), ``multiline``, and ``ladders``, options
        whose destructive actions are the choices.
    :param options: name -> specification of the option, of all roles and modules that are asked about.
    :param prefixes: what names of options begin with, such as the role; left out of what a person reads.
    :raises IncidentResponseError: a question is about no option, or AWX has no question of that type.
    """
    asked = [_question(one if isinstance(one, Mapping) else {"option": one}, options, prefixes) for one in questions]
    return {"name": title, "description": "", "spec": asked} if asked else {}


def _question(about: Mapping[str, Any], options: Options, prefixes: Sequence[str]) -> dict[str, Any]:
    unknown = sorted(set(about) - set(_KEYS))
    if unknown:
        raise InvalidInputError("A question", unknown[0], remedy=f"Its keys are {', '.join(_KEYS)}.")
    name = str(about.get("option", ""))
    if name not in options:
        raise InvalidInputError("option of a question", name, remedy="Name an option of the roles and modules asked.")
    option = options[name]
    variable = str(about.get("variable", name))
    kind, choices, default = _answer(name, option, about, options)
    required = bool(about.get("required", False))
    question = {
        "question_name": str(about.get("name", _title(variable, prefixes))),
        "question_description": _plain(option.get("description", "")),
        "type": kind,
        "variable": variable,
        "required": required,
    }
    if choices:
        question["choices"] = "\n".join(choices)
    if default is not None and not (required and default == ""):
        question["default"] = default
    return {**question, **_limits(kind, required, about)}


def _answer(
    name: str, option: Mapping[str, Any], about: Mapping[str, Any], options: Options
) -> tuple[str, list[str], Any]:
    """Return the type of the question, its choices, and the default; None when it has none that AWX can hold."""
    default = _static(about.get("default", option.get("default")))
    choices = [str(choice) for choice in option.get("choices", []) if str(choice)]
    kind = str(option.get("type", "str"))
    if "ladders" in about:
        return "multiselect", _destructive(about["ladders"], options), _lines(default)
    if kind == "bool":
        return "multiplechoice", ["true", "false"], None if default is None else str(bool(default)).lower()
    if kind == "list" and choices:
        return "multiselect", choices, _lines(default)
    if kind in ("str", "path") and choices:
        return "multiplechoice", choices, default
    if kind in ("str", "path"):
        return ("textarea" if about.get("multiline") else "text"), [], default
    if kind == "int":
        return "integer", [], None if default is None else int(default)
    if kind == "float" or (kind == "raw" and isinstance(default, (int, float))):
        return "float", [], None if default is None else float(default)
    raise IncidentResponseError(
        f"{name} is of type {kind}, and AWX has no question for that.",
        remedy="Leave it out of the survey and set it in the inventory.",
    )


def _static(default: Any) -> Any:
    """A default that a template makes is not known before the run; the role gives it when nothing is answered."""
    return None if isinstance(default, str) and "{{" in default else default


def _lines(default: Any) -> str:
    return "\n".join(str(one) for one in default or [])


def _destructive(ladders: Sequence[str], options: Options) -> list[str]:
    """The actions that run only when they are approved, without repetition."""
    rungs = [rung for ladder in ladders for rung in options[ladder]["default"]]
    return list(dict.fromkeys(str(rung["action"]) for rung in rungs if rung["tier"] == Tier.DESTRUCTIVE.value))


def _limits(kind: str, required: bool, about: Mapping[str, Any]) -> dict[str, int]:
    longest = {"text": _LONGEST_TEXT, "textarea": _LONGEST_TEXTAREA}.get(kind)
    limits = {} if longest is None else {"min": int(required), "max": longest}
    return {**limits, **{key: int(about[key]) for key in ("min", "max") if key in about}}


def _title(variable: str, prefixes: Sequence[str]) -> str:
    prefix = max((f"{one}_" for one in prefixes if variable.startswith(f"{one}_")), key=len, default="")
    return variable.removeprefix(prefix).replace("_", " ").capitalize()


def _plain(description: str | Sequence[str]) -> str:
    """A description without the markup of Ansible's documentation."""
    text = description if isinstance(description, str) else " ".join(description)
    return _MARKUP.sub(lambda found: found.group(1).split("#")[-1].split(":")[-1] or "empty", " ".join(text.split()))
