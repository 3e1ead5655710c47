# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in check mode and tell what would change, without changing it.
  diff_mode:
    description: Returns details of what has changed, or would change in check mode, when diff mode is on.
"""

    INFO = r"""
attributes:
  check_mode:
    description: Can run in check mode and tell what would change, without changing it.
    support: full
    details: Reads only. Probes that change something or log in are left out under check mode.
  diff_mode:
    description: Returns details of what has changed, or would change in check mode, when diff mode is on.
    support: N/A
    details: Reads only.
"""
