# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook of the collection from a program: progress while it runs, the artifacts at its end, Ctrl-C cancels.

    python embed.py agentfoundry.incident_response.remediate_model_server --inventory inventory --timeout 900

One JSON object a line: what happens, then the result. The exit code is that of the run; 254 when it was cancelled or
ran out of time. `docs/embedding.md` tells the whys.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import ansible_runner

Told = Callable[[Mapping[str, Any]], None]
TOLD = {"runner_on_ok": "ok", "runner_on_failed": "failed", "runner_on_unreachable": "unreachable"}
SECONDS_TO_NOTICE = 1
MOST_SAID = 2000
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Result:
    """How a run ended.

    :param status: ``successful``, ``failed``, ``canceled`` or ``timeout``.
    :param artifacts: as ``docs/schemas/artifacts.schema.json`` says; empty when the run did not come to its end.
    :param said: why no play began, as Ansible says it (a playbook or an option that is not there); else empty.
    """

    status: str
    rc: int
    artifacts: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""


class EmbeddedRun:
    """A run in the background. Only its artifacts are kept: a long run does not grow in memory."""

    def __init__(
        self,
        playbook: str,
        folder: str,
        *,
        inventory: str,
        variables: Mapping[str, Any] | None = None,
        options: str = "",
        timeout: int = 900,
        told: Told = lambda _event: None,
    ) -> None:
        """Start it.

        :param playbook: full name in the collection, or a path.
        :param folder: an empty folder for the runner's files, one for each run: what lies in it from another run is
            taken over by the runner. It holds the variables and all output; keep it from others.
        :param timeout: seconds after which it is killed; longer than the deadlines of the ladder together.
        :param told: called from the run's thread for each event that is worth telling.
        """
        self._told = told
        self._cancelled = threading.Event()
        self._artifacts: Mapping[str, Any] = {}
        self._begun = False
        self._thread, self._runner = ansible_runner.run_async(
            private_data_dir=folder,
            # Where ansible.cfg is looked for; a checkout of the collection needs its own.
            project_dir=os.getcwd(),
            playbook=playbook,
            inventory=inventory,
            extravars=dict(variables or {}),
            cmdline=options,
            timeout=timeout,
            # Cancelling and the time-out are looked at so often; the runner's own default is five seconds.
            settings={"pexpect_timeout": SECONDS_TO_NOTICE},
            event_handler=self._on_event,
            cancel_callback=self._cancelled.is_set,
            quiet=True,
        )

    def cancel(self) -> None:
        """Kill it soon. What it has begun is written in the record; the next run goes on from there."""
        self._cancelled.set()

    def result(self) -> Result:
        """Wait for its end."""
        self._thread.join()
        return Result(str(self._runner.status), int(self._runner.rc), self._artifacts, self._said())

    def _said(self) -> str:
        if self._begun:
            return ""
        output = COLOUR.sub("", self._runner.stdout.read())
        # A wrong option is followed by all options that there are.
        errors = [line for line in output.splitlines() if "[ERROR]" in line or ": error: " in line]
        return ("\n".join(errors) or output).strip()[-MOST_SAID:]

    def _on_event(self, event: Mapping[str, Any]) -> bool:
        data = event.get("event_data", {})
        self._begun = self._begun or event["event"] == "playbook_on_play_start"
        if event["event"] == "playbook_on_stats":
            self._artifacts = data.get("artifact_data", {}).get("incident_response", {})
        elif event["event"] == "playbook_on_task_start":
            self._told({"task": data["task"]})
        elif event["event"] in TOLD:
            self._told({"task": data["task"], "host": data["host"], "ended": TOLD[event["event"]]})
        return True  # and keep it in the folder


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description="Run a playbook of the collection from a program.")
    parser.add_argument("playbook")
    parser.add_argument("--inventory", default="inventory")
    parser.add_argument("--variables", type=json_object, default={}, help="JSON object of extra variables")
    parser.add_argument("--options", default="", help="of ansible-playbook, for example '--limit shop --check'")
    parser.add_argument("--timeout", type=int, default=900, help="seconds; 0: none")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        run = EmbeddedRun(
            asked.playbook,
            folder,
            inventory=os.path.abspath(asked.inventory),
            variables=asked.variables,
            options=asked.options,
            timeout=asked.timeout,
            told=tell,
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: run.cancel())
        result = run.result()
    tell({"result": asdict(result)})
    return result.rc


def json_object(text: str) -> dict[str, Any]:
    """:raises ValueError: it is something else; argparse names the option."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(text)  # noqa: TRY004, what argparse catches
    return found


def tell(event: Mapping[str, Any]) -> None:
    """One line for each event, at once."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
