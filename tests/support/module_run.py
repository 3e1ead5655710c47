# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's main() in this process, as Ansible would, and reads the JSON that it prints."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.testing import patch_module_args


def run_main(
    main: Callable[[], None], options: Mapping[str, Any], *, check_mode: bool = False, diff: bool = False
) -> dict[str, Any]:
    """The module's result; ``failed`` is True when it failed."""
    arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": diff}
    output = io.StringIO()
    with patch_module_args(arguments), contextlib.redirect_stdout(output):
        try:
            main()
        except SystemExit as ended:
            result: dict[str, Any] = json.loads(output.getvalue())
            if bool(ended.code) is not bool(result.get("failed")):
                raise AssertionError(f"exit code {ended.code} with {result}") from ended
            return result
    raise AssertionError("the module ended without a result")
