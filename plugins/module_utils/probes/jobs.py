# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes side by side, each with its own deadline: one that hangs costs its deadline once and no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    CommandFailedError,
    IncidentResponseError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    ProbeRun,
    ProbeState,
)

T = TypeVar("T")


class Job(Generic[T]):
    """One probe in a thread of its own.

    The thread is a daemon: when it hangs in the kernel the process can still end.
    """

    def __init__(
        self,
        name: str,
        service: str,
        work: Callable[[], T],
        *,
        deadline: float,
        after: Sequence[Job[Any]] = (),
        writes: bool = False,
    ) -> None:
        """:param after: jobs whose end (or deadline) is awaited before the work, and the deadline, begin."""
        self.name = name
        self.service = service
        self._work = work
        self._deadline = deadline
        self._after = tuple(after)
        self._writes = writes
        self._begin = time.monotonic()
        self._started = threading.Event()
        self._ended = threading.Event()
        self._result: T | None = None
        self._duration = 0.0
        self._failure = ""
        self._error: IncidentResponseError | None = None
        self._thread = threading.Thread(target=self._run, name=f"{name} {service}", daemon=True)
        self._thread.start()

    def wait(self) -> bool:
        """Wait for the end, at most until the deadline. True when it has ended."""
        for job in self._after:
            job.wait()
        self._started.wait(self._deadline)
        return self._ended.wait(max(0.0, self._begin + self._deadline - time.monotonic()))

    def value(self, default: T) -> T:
        """What the work returned; the default when it failed or has not ended before its deadline."""
        return cast("T", self._result) if self.wait() and not self._failure else default

    def require(self) -> T:
        """What the work returned.

        :raises IncidentResponseError: what it raised, or that it has not ended before its deadline.
        """
        if not self.wait():
            raise CommandFailedError(f"The probe '{self.name}' did not end within {self._deadline:g} s.")
        if self._error is not None:
            raise self._error
        if self._failure:
            raise CommandFailedError(f"The probe '{self.name}' brought nothing: {self._failure}.")
        return cast("T", self._result)

    def report(self) -> ProbeRun:
        """How it ended."""
        if not self.wait():
            message = f"it did not end within {self._deadline:g} s"
            return self._as_run(ProbeState.DEADLINE, self._deadline, message)
        if self._failure:
            return self._as_run(ProbeState.FAILED, self._duration, self._failure)
        return self._as_run(ProbeState.DONE, self._duration, "")

    def _as_run(self, state: ProbeState, seconds: float, message: str) -> ProbeRun:
        return ProbeRun(self.name, self.service, state, seconds * 1000.0, message, self._writes)

    def _run(self) -> None:
        for job in self._after:
            job.wait()
        self._begin = time.monotonic()
        self._started.set()
        try:
            self._result = self._work()
        except IncidentResponseError as error:
            self._error = error
            self._failure = str(error)
        except Exception as error:  # noqa: BLE001 - a defect of one probe must not hide what the others found
            # The text of an unforeseen error may hold anything, a secret included; its kind may not.
            self._failure = f"it failed with {type(error).__name__}"
        self._duration = time.monotonic() - self._begin
        self._ended.set()
