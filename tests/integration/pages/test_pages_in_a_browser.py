# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages as people see them: on a phone and a desk, light and dark, accessible, and on their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

NAMES = ["health check", "compliance", "incidents", "review"]
PHONE = (360, 740)
DESK = (1280, 900)
SMALLEST_TEXT_PX = 11
COUNTED_AS_DARK = 0.2

Scheme = Literal["light", "dark"]

BACKGROUND_LUMINANCE = """() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""
OPEN_ALL_DETAILS = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
SMALLEST_TEXT = """() => {
  const sizes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.textContent.trim() && element.getClientRects().length && !element.closest("svg")) {
      sizes.push(parseFloat(getComputedStyle(element).fontSize));
    }
  }
  return Math.min(...sizes);
}"""


@contextmanager
def shown(browser: Browser, file: Path, size: tuple[int, int], scheme: Scheme = "light") -> Iterator[Page]:
    """Show the file in a fresh window."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    try:
        page.goto(file.as_uri())
        yield page
    finally:
        context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_without_a_message_of_the_console_and_asks_nobody_for_anything(
    browser: Browser, pages: Mapping[str, Path], name: str
) -> None:
    said: list[str] = []
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto(pages[name].as_uri(), wait_until="networkidle")
    heading, title = page.locator("h1"), page.title()

    assert heading.count() == 1
    assert heading.is_visible()
    assert title.strip()
    assert (said, asked) == ([], [pages[name].as_uri()])
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_phone_without_scrolling_sideways_and_its_text_is_large_enough(
    browser: Browser, pages: Mapping[str, Path], name: str
) -> None:
    with shown(browser, pages[name], PHONE) as page:
        page.evaluate(OPEN_ALL_DETAILS)
        width = page.evaluate("document.documentElement.scrollWidth")
        smallest = page.evaluate(SMALLEST_TEXT)

    assert width <= PHONE[0]
    assert smallest >= SMALLEST_TEXT_PX


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_light_or_dark_as_its_reader_wishes(browser: Browser, pages: Mapping[str, Path], name: str) -> None:
    with shown(browser, pages[name], DESK, "light") as light, shown(browser, pages[name], DESK, "dark") as dark:
        assert light.evaluate(BACKGROUND_LUMINANCE) > 1 - COUNTED_AS_DARK
        assert dark.evaluate(BACKGROUND_LUMINANCE) < COUNTED_AS_DARK


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_keeps_the_rules_of_accessibility(
    browser: Browser, pages: Mapping[str, Path], name: str, size: tuple[int, int], scheme: Scheme
) -> None:
    with shown(browser, pages[name], size, scheme) as page:
        page.evaluate(OPEN_ALL_DETAILS)
        violations = Axe().run(page).response["violations"]

    assert [said(violation) for violation in violations] == []


def said(violation: Mapping[str, Any]) -> str:
    """Return the broken rule with the first elements that break it."""
    where = [node["html"][:160] for node in violation["nodes"][:3]]
    return f"{violation['id']}: {violation['help']}: {where}"
