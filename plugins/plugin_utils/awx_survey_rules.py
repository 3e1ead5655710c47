# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses of a survey, found before it is asked (awx/api/views, JobTemplateSurveySpec, AWX 24.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (str,),
    "integer": (int,),
    "float": (float, int),
}
_REQUIRED = {"question_name": str, "type": str, "variable": str, "required": bool}
_CHOICES = ("multiplechoice", "multiselect")


def survey_problems(survey: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a survey, each as one sentence."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(key), kind):
            yield f"The survey has no {key}."
            return
    if not survey["spec"]:
        yield "The survey asks nothing."
    variables: set[str] = set()
    for question in survey["spec"]:
        missing = [key for key, kind in _REQUIRED.items() if not isinstance(question.get(key), kind)]
        if missing:
            yield f"A question ({question.get('variable', '?')}) has no {missing[0]} of the right type."
            continue
        name = question["variable"]
        if name in variables:
            yield f"{name} is asked twice."
        variables.add(name)
        for problem in _question_problems(question):
            yield f"{name}: {problem}"


def _question_problems(question: Mapping[str, Any]) -> Iterator[str]:
    kind, default = question["type"], question.get("default", "")
    if kind not in _TYPES:
        yield f"{kind} is no type of a question."
        return
    if default != "" and (not isinstance(default, _TYPES[kind]) or isinstance(default, bool)):
        yield f"the default {default!r} is not of type {kind}."
        return
    for key in ("min", "max"):
        if not isinstance(question.get(key, 0), int):
            yield f"{key} is no whole number."
            return
    yield from _choice_problems(question, default) if kind in _CHOICES else _limit_problems(question, default)


def _choice_problems(question: Mapping[str, Any], default: Any) -> Iterator[str]:
    choices = question.get("choices", "")
    choices = choices.splitlines() if isinstance(choices, str) else choices
    if not choices:
        yield "there are no choices."
        return
    chosen = str(default).splitlines()
    if question["type"] == "multiplechoice" and len(chosen) > 1:
        yield "a single choice has several defaults."
    for one in chosen:
        if one not in choices:
            yield f"the default {one!r} is none of the choices."


def _limit_problems(question: Mapping[str, Any], default: Any) -> Iterator[str]:
    if "choices" in question:
        yield f"a question of type {question['type']} has choices."
    least, most = question.get("min"), question.get("max")
    if least is not None and most is not None and least > most:
        yield f"min {least} is above max {most}."
    if default == "":
        return
    size = len(default) if isinstance(default, str) else default
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"the default {default!r} is outside of {least} to {most}."
