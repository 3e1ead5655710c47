# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a page: elements that are not closed or not known, anything that would run or load something."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link"}
KNOWN = {
    *VOID, "html", "head", "title", "style", "body", "header", "main", "section", "h1", "h2", "h3", "h4", "p", "div",
    "dl", "dt", "dd", "ul", "ol", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "pre", "code", "strong",
    "em", "span", "details", "summary", "figure", "figcaption", "svg", "rect", "circle", "line", "polyline", "text",
}  # fmt: skip
EMPTY_SVG = {"rect", "circle", "line", "polyline"}
LOADS = {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href"}


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.names: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag not in KNOWN:
            self.faults.append(f"<{tag}> is not expected")
        names = [name for name, _value in attrs]
        self.faults += [f"{name} twice in <{tag}>" for name in set(names) if names.count(name) > 1]
        self.faults += [f"<{tag} {name}>" for name in names if name in LOADS or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def faults_of(page: str) -> list[str]:
    """Return what is wrong with the page; empty when nothing is."""
    checker = checked(page)
    faults = [*checker.faults, *(f"<{tag}> is not closed" for tag in checker.open)]
    if not page.startswith("<!DOCTYPE html>\n<html lang="):
        faults.append("no doctype and language at the beginning")
    if "<h1" not in page or checker.names.count("h1") != 1 or checker.names.count("title") != 1:
        faults.append("not one title and one first heading")
    if re.search(r"@import|url\(", page.split("</style>")[0]):
        faults.append("the style loads something")
    return faults


def text_of(page: str) -> str:
    """Return what a person reads."""
    return " ".join(" ".join(checked(page).text).split())


def checked(page: str) -> _Checker:
    checker = _Checker()
    checker.feed(page)
    checker.close()
    return checker
