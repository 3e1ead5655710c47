# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents and their statistics as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.duration import duration_text
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_statistics import (
    mean_s,
    merged,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident_tables import (
    Table,
    not_asked,
    tables_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.plot import bars_svg
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.review_template import page

_SHORT = ("host", "incident", "opened", "took", "first", "last")
_TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Incidents</title>
<style>{{ style }}</style>
</head>
<body>
<main>
<h1>Incidents</h1>
{% for line in missing %}
<p class="todo">{{ line }}</p>
{% endfor %}
{% for plot in plots %}
<figure>
<figcaption>{{ plot.title }}</figcaption>
{{ plot.svg }}
</figure>
{% endfor %}
{% for table in tables %}
<section>
<h2>{{ table.title }}</h2>
{% if table.rows %}
<div class="scroll" role="region" aria-label="{{ table.title }}" tabindex="0"><table class="stack">
<thead><tr>{% for head in table.heads %}
{% if not head %}<td></td>{% else %}
<th scope="col"{{ number if loop.index0 in table.right else "" }}>{{ head }}</th>
{%- endif %}
{%- endfor %}</tr></thead>
<tbody>
{% for row in table.rows %}
<tr>{% for cell in row %}
<td data-label="{{ table.heads[loop.index0] }}"{{ looks(table, loop.index0) }}>{{ cell }}</td>
{%- endfor %}</tr>
{% endfor %}
</tbody>
</table></div>
{% else %}
<p>None.</p>
{% endif %}
</section>
{% endfor %}
</main>
</body>
</html>
"""


def incidents_html(by_host: Mapping[str, Mapping[str, Any]]) -> str:
    """The page. :param by_host: what ``incident_info`` returned on each inventory host."""
    values = {
        "tables": tables_of(by_host),
        "missing": not_asked(by_host),
        "plots": _plots([result["statistics"] for result in by_host.values() if "statistics" in result]),
        "number": Markup(' class="number"'),
        "looks": _looks,
    }
    return page(_TEMPLATE, values)


def _looks(table: Table, column: int) -> Markup:
    """The class of a cell: numbers stand at the right, short words stay in one line."""
    name = "number" if column in table.right else "nowrap" if table.heads[column] in _SHORT else ""
    return Markup(' class="{}"').format(name) if name else Markup("")


def _plots(statistics: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    months = merged(statistics)["by_month"] if statistics else {}
    if not months:
        return []
    counts = [(month, float(one["count"]), str(one["count"])) for month, one in months.items()]
    means = [(month, mean_s(one["resolve"])) for month, one in months.items()]
    times = [(month, mean, duration_text(mean)) for month, mean in means if mean is not None]
    drawn = (("Incidents by month", counts), ("Mean time to resolve by month", times))
    # S704: bars_svg escapes all that it is handed.
    return [{"title": title, "svg": Markup(bars_svg(title, bars))} for title, bars in drawn if bars]  # noqa: S704
