# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A survey of AWX from options: each type, and what cannot be asked."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.option_specs import (
    options_of_modules,
    options_of_roles,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.survey import survey_spec

OPTIONS: dict[str, dict[str, Any]] = {
    "shop_level": {"type": "str", "choices": ["", "low", "high"], "default": "", "description": "How bad."},
    "shop_note": {"type": "str", "default": ""},
    "shop_dir": {"type": "path", "default": "{{ somewhere }}/else"},
    "shop_on": {"type": "bool", "default": False},
    "shop_count": {"type": "int", "default": 3},
    "shop_share": {"type": "float", "default": 1},
    "shop_limit": {"type": "raw", "default": 500.0},
    "shop_states": {"type": "list", "elements": "str", "choices": ["open", "closed"], "default": ["open", "closed"]},
    "shop_approved": {"type": "list", "elements": "str", "default": []},
    "shop_more": {"type": "dict", "default": {}},
    "shop_ladder": {
        "type": "list",
        "default": [
            {"action": "wait", "tier": "safe"},
            {"action": "flush", "tier": "destructive"},
            {"action": "flush", "tier": "destructive"},
        ],
    },
}


def question(about: str | dict[str, Any]) -> dict[str, Any]:
    (asked,) = survey_spec("Shop", [about], OPTIONS, ["shop"])["spec"]
    return dict(asked)


@pytest.mark.parametrize(
    "about, wanted",
    [
        ("shop_level", {"type": "multiplechoice", "choices": "low\nhigh", "default": ""}),
        ("shop_note", {"type": "text", "default": "", "min": 0, "max": 1024}),
        ({"option": "shop_note", "multiline": True}, {"type": "textarea", "min": 0, "max": 8192}),
        ("shop_on", {"type": "multiplechoice", "choices": "true\nfalse", "default": "false"}),
        ("shop_count", {"type": "integer", "default": 3}),
        ({"option": "shop_count", "min": 1, "max": 9}, {"min": 1, "max": 9}),
        ("shop_share", {"type": "float", "default": 1.0}),
        ("shop_limit", {"type": "float", "default": 500.0}),
        ("shop_states", {"type": "multiselect", "choices": "open\nclosed", "default": "open\nclosed"}),
        (
            {"option": "shop_approved", "ladders": ["shop_ladder"]},
            {"type": "multiselect", "choices": "flush", "default": ""},
        ),
        ({"option": "shop_level", "variable": "other_level"}, {"variable": "other_level"}),
        ({"option": "shop_level", "name": "Really?"}, {"question_name": "Really?"}),
        ("shop_level", {"question_name": "Level", "question_description": "How bad.", "required": False}),
    ],
)
def test_an_option_becomes_a_question(about: str | dict[str, Any], wanted: dict[str, Any]) -> None:
    asked = question(about)

    assert {key: asked.get(key) for key in wanted} == wanted
    assert [type(asked.get(key)) for key in wanted] == [type(value) for value in wanted.values()]


def test_a_default_that_only_the_run_knows_is_left_to_the_role() -> None:
    assert "default" not in question("shop_dir")


def test_what_has_to_be_answered_has_no_empty_default() -> None:
    asked = question({"option": "shop_note", "required": True})

    assert (asked["required"], asked["min"], "default" in asked) == (True, 1, False)


@pytest.mark.parametrize(
    "about, said",
    [
        ("shop_nothing", "'shop_nothing'"),
        ("shop_more", "shop_more is of type dict, and AWX has no question for that."),
        ({"option": "shop_level", "choice": "low"}, "A question has the value 'choice'"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(about: str | dict[str, Any], said: str) -> None:
    with pytest.raises(IncidentResponseError) as refused:
        question(about)

    assert said in str(refused.value)


def test_the_markup_of_the_documentation_is_not_shown() -> None:
    marked = {"shop_a": {"type": "str", "description": ["See O(shop_b), V(x) and", "M(a.b.c)."]}}

    assert survey_spec("Shop", ["shop_a"], marked)["spec"][0]["question_description"] == "See shop_b, x and a.b.c."


def test_no_question_is_no_survey() -> None:
    assert survey_spec("Shop", [], OPTIONS) == {}


def test_options_of_a_module_include_those_of_its_fragments() -> None:
    options = options_of_modules(["approval"])

    assert options["approval.digest"]["required"] is True
    assert options["approval.platform"]["type"] == "str"


@pytest.mark.parametrize("read", [options_of_roles, options_of_modules])
def test_a_role_or_module_that_is_not_there_is_named(read: Any) -> None:
    with pytest.raises(IncidentResponseError, match="'nothing'"):
        read(["nothing"])
