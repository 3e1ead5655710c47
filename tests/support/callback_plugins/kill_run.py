# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill the run before the task whose name the environment variable KILL_BEFORE gives, as a power cut would."""

from __future__ import annotations

import os
import signal
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: kill_run
type: aggregate
short_description: Kill the run between two tasks
description:
  - For the tests of interrupted runs only.
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
options: {}
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_run"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        # Between two tasks no worker process of the run is alive: this one is the run.
        if task.name == os.environ["KILL_BEFORE"]:
            os.kill(os.getpid(), signal.SIGKILL)
