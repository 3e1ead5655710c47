# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recorded Compose project behind a client of Docker that answers from records: playbooks run on it without a lab."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fake_docker import Answer, FakeDocker
from playbook_run import PlaybookRun, run_playbook
from recorded_compose import recorded_containers


class RecordedPlatform:
    """The recorded project on this host, with a record of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        containers = recorded_containers()
        rows = [
            f"{one['Id']}\tshop\t{one['Config']['Labels']['com.docker.compose.service']}\tFalse" for one in containers
        ]
        version = json.dumps({"Client": {"Version": "28.2.2"}, "Server": {"Version": "20.10.24"}})
        answers = [
            Answer('"ps "*', "\n".join(rows) + "\n"),
            Answer('"inspect "*', json.dumps(containers)),
            Answer('"version "*', version),
            Answer('"logs "*'),
        ]
        self.docker = FakeDocker(folder, answers)

    def play(self, playbook: str, *options: str, **variables: Any) -> PlaybookRun:
        """Run a playbook of the collection."""
        known = {
            "platform_project": "shop",
            "platform_services": {},
            "platform_docker_cli": self.docker.path,
            "platform_state_dir": str(self.folder / "state"),
            "compliance_probe_deadline": 2.0,
            "remediation_stability_window": 1.0,
            **variables,
        }
        inventory = self.folder / "hosts.yml"
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory.write_text(json.dumps({"platforms": {"hosts": {"here": here}}}))
        runner = self.folder / f"runner-{len(list(self.folder.glob('runner-*')))}"
        return run_playbook(playbook, runner, variables=known, options=options, inventory=inventory)
