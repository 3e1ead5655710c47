# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from compliance import controls

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.handbook import with_controls
from checkout import ROOT


def test_the_table_of_the_documentation_is_that_of_the_controls() -> None:
    document = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")

    assert document == with_controls(document, controls()), "run scripts/controls"


def test_a_document_without_a_place_for_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_controls("# Compliance", controls())
