# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call a module's main() as Ansible does, and give back what it prints."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args


def run(module: ModuleType, options: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a module that succeeds."""
    result, code = _call(module, options)
    assert code == 0, result
    return result


def fail(module: ModuleType, options: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a module that fails."""
    result, code = _call(module, options)
    assert code == 1, result
    assert result["failed"]
    return result


def _call(module: ModuleType, options: Mapping[str, Any]) -> tuple[dict[str, Any], object]:
    printed = io.StringIO()
    with patch_module_args(dict(options)), contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as end:
        module.main()
    result: dict[str, Any] = json.loads(printed.getvalue())
    return result, end.value.code
