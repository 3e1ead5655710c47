# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The definitions of the role awx, templated once."""

from __future__ import annotations

import copy

import pytest
from awx_role import Definitions, awx_variable


@pytest.fixture(scope="module")
def whole() -> Definitions:
    found: Definitions = awx_variable("__awx_definitions")
    return found


@pytest.fixture
def definitions(whole: Definitions) -> Definitions:
    return copy.deepcopy(whole)
