# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where a module meets Ansible: options in, result or a plain error out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import SubprocessRunner
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError

Options = Mapping[str, Any]


def run_info_module(
    argument_spec: Mapping[str, Any], look: Callable[[Options, SubprocessRunner, bool], dict[str, Any]]
) -> None:
    """Run a module that only reads.

    :param look: options, where commands go, and whether it is check mode -> result.
    """
    begin = time.monotonic()
    module = AnsibleModule(argument_spec=dict(argument_spec), supports_check_mode=True)
    runner = SubprocessRunner()
    try:
        result = look(module.params, runner, module.check_mode)
    except IncidentResponseError as error:
        module.fail_json(msg=str(error))
    finally:
        # What hangs was given up; nothing of it may outlive the module or hold it up.
        runner.kill_all()
    module.exit_json(changed=False, duration_ms=round((time.monotonic() - begin) * 1000), **result)
