# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML pages that playbooks write, and a browser to show them.

A conftest is loaded before Ansible's import hook is set up, so what imports the collection is imported late.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CAN_BE_INSTALLED = os.geteuid() == 0 and Path("/etc/debian_version").exists()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium as the machine has it (scripts/setup/chromium.sh)."""
    chromium = shutil.which("chromium")
    if not chromium and not CAN_BE_INSTALLED:
        pytest.skip("Chromium is missing, and scripts/setup/chromium.sh installs it as root on Debian only")
    assert chromium, "chromium is not installed: run scripts/setup/chromium.sh"
    with sync_playwright() as playwright:
        # Its sandbox needs user namespaces, which a container of CI may not have; the pages are our own.
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Each page as its playbook writes it: name -> file."""
    from rendered_pages import rendered_pages

    return rendered_pages(tmp_path_factory.mktemp("pages"))
