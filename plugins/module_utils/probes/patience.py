# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One late answer proves no hang: who gives one is asked again before anything is restarted for it.

On a busy host a healthy service misses a deadline now and then; Docker and Kubernetes count several misses as well. One
good answer after a late one proves no health either: a balancer sends every second request to the worker that hangs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

MOST_ANSWERS = 3
_Answer = TypeVar("_Answer")


def ask_patiently(
    ask: Callable[[], _Answer],
    *,
    is_late: Callable[[_Answer], bool],
    tells: Callable[[_Answer], bool],
    is_good: Callable[[_Answer], bool],
) -> tuple[_Answer, _Answer | None]:
    """Return the answer that counts, and the first one when it was late: of three, two good ones excuse a late one.

    A service that hangs is asked twice, one that does well a third time.

    :param tells: False for an answer that says nothing of the service, such as that nobody could be asked. When a later
        one is of that kind, the late one counts.
    :param is_good: False for an answer after which no other is needed.
    """
    answer = first = ask()
    if not is_late(first):
        return first, None
    for _again in range(MOST_ANSWERS - 1):
        answer = ask()
        if not tells(answer):
            return first, first
        if not is_good(answer):
            break
    return answer, first
