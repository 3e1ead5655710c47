# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of reviews and of statistics, in which every value is escaped unless the template's own code made it.

They are Jinja2 templates with an environment of their own: in Ansible's, a forgotten filter would let a log line become
a link or a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.markdown import (
    escape_markdown,
    fenced,
    people_html,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plot import curve_svg, phases_svg
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_curves import (
    curves_of,
    phases_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_facts import named_moments
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_file import block, seal
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_view import view_of
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.page_style import STYLE


class _Raw(str):
    """Markdown that is made here and is not escaped once more."""

    __slots__ = ()


def review_markdown(facts: Mapping[str, Any], template: str) -> str:
    """The review as a Markdown file in which people write. :raises InvalidInputError: the template is broken."""
    view = view_of(facts)
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_markdown_value
    )
    sections = view["sections"]
    environment.globals["write"] = lambda key: _Raw(block(key, sections[key]["text"], needed=sections[key]["missing"]))
    environment.filters["fenced"] = lambda lines: _Raw(fenced(lines))
    return seal(_render(environment, template, {"review": view}), int(facts["review"]["revision"]))


def review_html(facts: Mapping[str, Any], template: str) -> str:
    """The review as a page that needs nothing else. :raises InvalidInputError: the template is broken."""
    phases = phases_of(named_moments(facts))
    plots = {
        "phases": Markup(phases_svg("The phases of the incident", phases)) if phases else "",  # noqa: S704
        "curves": [
            {"title": curve.title, "limit": curve.limit_text, "svg": Markup(curve_svg(curve))}  # noqa: S704
            for curve in curves_of(facts)
        ],
    }
    return page(template, {"review": view_of(facts), "plots": plots})


def page(template: str, values: Mapping[str, Any]) -> str:
    """A page from an HTML template; what is no :class:`Markup` is escaped."""
    environment = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=True)
    environment.globals["style"] = Markup(STYLE)  # noqa: S704
    # S704: people_html escapes all that it is handed.
    environment.filters["people"] = lambda text: Markup(people_html(text))  # noqa: S704
    return _render(environment, template, values)


def _render(environment: SandboxedEnvironment, template: str, values: Mapping[str, Any]) -> str:
    try:
        rendered: str = environment.from_string(template).render(values)
    except TemplateError as error:
        raise InvalidInputError("template", str(error), remedy="Mend the template that you gave.") from error
    return rendered.strip() + "\n"


def _markdown_value(value: object) -> object:
    if isinstance(value, _Raw):
        return value
    return _Raw(escape_markdown(str(value)))
