# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/performance.md: the figures of one run, and what stands in the way of a budget that is not met."""

from __future__ import annotations

from collections.abc import Sequence

from figures import Table, as_markdown

HEAD = """\
# What it costs

Written by `make bench`. What is compared was measured in turn, in one run, so that a busy machine slows both alike;
each figure is the median of {rounds} rounds (of two for the fleet). A budget is computed from a floor of the same run.
The platform is the lab with its ten services, on the machine that Ansible runs on (connection `local`). Before the
first two tables a run has kept what later runs compare with, as the first run of all does.

{machine}

"""

REASONS = """

## What stands in the way

In the way of the budgets of a healthy run and of the health check stand the same four things, which a ping does not
need (processor time, tried out alone):

- Ansible packs a module with all that it imports into one archive, anew in each run. `platform_info` imports some 190
  files (probes for containers, HTTP, logs, disks and four kinds of servers, and the judge of seven scenarios). To find,
  compile and pack them took 0.57 s, where `ping` took 0.11 s.
- On the target Python compiles these files again, because such an archive holds no compiled code: 0.25 s.
- Some 20 calls of the Docker command line, side by side on two cores: 0.35 s.
- A remediation reads its two roles and holds their options against their specifications.

In the way of the budget of a hung dependency stands that a service which takes a request and misses its deadline is
asked once more before it is called silent: so a hang costs the deadline twice, however many services hang with it.
Asked once, a healthy service that a busy host held up for two seconds was critical, and a remediation would have
restarted it. What a smaller `deadline` in the inventory saves, it saves twice.

The same stands in the way of the budget of a restart, and what is done before anything is touched: lease, incident and
guard are three modules of a third to two thirds of a second each. `docker compose restart` asks nothing and writes
nothing down.

The fleet is one engine under many names: ten observations at once ask the same ten servers on the same cores. On real
hosts each engine answers for itself, and what remains on the controller is the packing and the forks.

Files that a run may not need are imported only when it does; that helps on the target and not on the controller. One
packed file for each module, written when the collection is built, would help there. It was left alone, because the code
that runs would no longer be the code that is read.
"""


def page(machine: str, rounds: int, tables: Sequence[Table]) -> str:
    """Return the page."""
    return HEAD.format(machine=machine, rounds=rounds) + as_markdown(tables) + REASONS
