# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local connection that breaks when the first file is put on the host, and stays broken."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = r"""
name: cut_off
short_description: A local connection that breaks
description:
  - Works until the first file is put on the host.
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
extends_documentation_fragment:
  - connection_pipelining
options: {}
"""


class Connection(LocalConnection):  # type: ignore[misc]
    """What happens when a host goes away between two commands."""

    transport = "cut_off"
    has_pipelining = False
    broken = False

    def put_file(self, in_path: str, out_path: str) -> None:
        self.broken = True
        raise AnsibleConnectionFailure("the cable was cut")

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> Any:
        if self.broken:
            raise AnsibleConnectionFailure("the cable is still cut")
        return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
