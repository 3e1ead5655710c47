# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in Markdown that cannot be anything but text; and the little Markdown that people write, as HTML. Pure.

What services, logs and alerts say is not trusted: no link, no mention, no image, no HTML may come out of it.
"""

from __future__ import annotations

import html
import re

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.text import single_line

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_SPECIAL = re.compile(
    r"[\\`*\[\]|~#$&<>]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    # user@host stays; a mention and a mail address do not
    r"|@(?!(?<=[A-Za-z0-9]@)[A-Za-z0-9-]+(?![A-Za-z0-9._-]))"
)
_AUTOLINK = re.compile(r"(?<=:)/(?=/)|(?<=[wW]{3})\.")
_SPACES = re.compile(r"\s+")
_LIST = re.compile(r"^ ?([-+=]|\d{1,9}[.)])(?=\s|=|$|-)")
_WIDTH = 2000


def escape_markdown(text: str) -> str:
    """One line of Markdown that shows exactly the text. Control characters become spaces."""
    line = _SPACES.sub(" ", single_line(text, _WIDTH))
    line = _SPECIAL.sub(lambda match: _ENTITIES.get(match.group(), f"\\{match.group()}"), line)
    line = _AUTOLINK.sub(lambda match: f"\\{match.group()}", line)
    return _LIST.sub(lambda match: f"{match.group()[:-1]}\\{match.group()[-1]}", line)


def fenced(lines: list[str]) -> str:
    """A block that shows the lines as they are; its fence is longer than any in it."""
    shown = [single_line(line, _WIDTH) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *shown, fence])


_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[([ xX])\]\s+)?(.*)$")
_NUMBERED = re.compile(r"^\s*\d")
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_SPANS = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])"), r"<em>\1</em>"),
)


def unticked(text: str) -> list[str]:
    """The items of lists that have an empty box, as :func:`people_html` draws it, in the order of the text."""
    items = [_ITEM.match(line) for line in text.split("\n")]
    return [item.group(2).strip() for item in items if item and item.group(1) == " "]


def people_html(text: str) -> str:
    """What people wrote, as HTML: paragraphs, lists, ticked boxes, headings, code, strong and emphasis.

    Everything else is shown as it was written. Addresses are not made links: a review is read long after.
    """
    parts: list[str] = []
    block: list[str] = []
    kind = ""
    for line in [*text.split("\n"), ""]:
        item = _ITEM.match(line)
        now = "" if not line.strip() else ("ol" if _NUMBERED.match(line) else "ul") if item else "p"
        if now == "p" and kind in ("ul", "ol") and line.startswith((" ", "\t")):
            block[-1] = f"{block[-1]} {_inline(line.strip())}"
            continue
        if now != kind or _HEADING.match(line):
            parts += _close(kind, block)
            block, kind = [], now
        if item:
            block.append(f"{_box(item.group(1))}{_inline(item.group(2))}")
        elif line.strip():
            block.append(line.strip())
    return "\n".join(parts)


def _close(kind: str, block: list[str]) -> list[str]:
    if not block:
        return []
    if kind in ("ul", "ol"):
        items = "\n".join(f"<li>{item}</li>" for item in block)
        return [f"<{kind}>\n{items}\n</{kind}>"]
    heading = _HEADING.match(block[0])
    if heading:
        # The document has its own headings above these.
        rest = _close("p", block[1:])
        return [f"<h4>{_inline(heading.group(2))}</h4>", *rest]
    return [f"<p>{'<br>'.join(_inline(line) for line in block)}</p>"]


def _box(mark: str | None) -> str:
    """A ticked or an empty box, with words for those who do not see it."""
    if mark is None:
        return ""
    done = mark in "xX"
    return f'<span role="img" aria-label="{"done" if done else "open"}">{"☑" if done else "☐"}</span> '


def _inline(text: str) -> str:
    shown = html.escape(text)
    for pattern, replacement in _SPANS:
        shown = pattern.sub(replacement, shown)
    return shown
