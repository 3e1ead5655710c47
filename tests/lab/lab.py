#!/usr/bin/env python3
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: `lab.py up`, `lab.py fault NAME`, `lab.py heal`; README.md beside this file tells more."""

from __future__ import annotations

import sys

from labtool.cli import main

if __name__ == "__main__":
    sys.exit(main())
