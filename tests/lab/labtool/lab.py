# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: bring it up, break it by name, put it right, take it down."""

from __future__ import annotations

import os
from pathlib import Path

import faults

from . import environment, small_disk
from .commands import LabError, run
from .fault import ActiveFaults
from .platform import COMPOSE_FILE, REPO_ROOT, Platform
from .recovery import put_back

LAB_LABEL = "agentfoundry.lab=1"


class Lab(Platform):
    """One lab: a Compose project, at the playbook's ports plus an offset (for a second lab beside the first)."""

    def __init__(self, project: str = "agentfoundry", port_offset: int = 0, state_root: Path | None = None) -> None:
        super().__init__(project, port_offset, state_root)
        self._active = ActiveFaults(self.state_dir / "faults.json")

    def up(self, deadline: int = 180) -> None:
        """Bring the lab up, undo its faults and wait until all ten services are healthy; quick when all that is so."""
        self._require_engine()
        run([str(REPO_ROOT / "scripts" / "setup" / "images.sh")], timeout=1200)
        self._require_own_project()
        self._write_env_file()
        if self.active_faults() and self.containers():
            # Compose would wait for services that cannot get well by themselves.
            self.reset()
        self.compose("up", "-d", "--wait", "--wait-timeout", str(deadline))
        self.wait_healthy(deadline=deadline)

    def down(self) -> None:
        """Remove the lab's containers, networks and volumes, and what active faults put beside them."""
        self._require_engine()
        self._remove()
        small_disk.remove(small_disk.image(self))
        self._active.clear()

    def reset(self) -> None:
        """Undo all faults and put right whatever else differs; all ten services are healthy on return."""
        self._require_up()
        active = list(reversed(self.active_faults()))
        if not active and not self.unhealthy() and not self.drifted():
            return
        put_back(self)
        for name in active:
            self.undo(name)
        for service, reason in self.unhealthy().items():
            # A new container becomes healthy by itself; one that runs and does not answer has to be restarted.
            if reason.startswith(("/health", "unhealthy")):
                self.docker("restart", "-t", "3", self.container_id(service))
        self.wait_healthy()

    # Faults

    def inject(self, name: str) -> None:
        """Inject a fault and return when it is visible. LabError when it is active already, or fails to show."""
        fault = faults.find(name)
        self._require_up()
        if name in self.active_faults():
            raise LabError(f"{name} is active already; undo it by: lab.py heal {name}")
        # Noted first: a fault that is only half injected (the run was killed) can be undone by name too.
        self._active.add(name, {})
        self._active.add(name, fault.inject(self) or {})

    def undo(self, name: str) -> None:
        """Undo a fault; nothing happens when it is not active."""
        fault = faults.find(name)
        active = self._active.all()
        if name in active:
            fault.undo(self, active[name])
            self._active.remove(name)
            if not self.active_faults():
                # The services that only suffered from it get well by themselves.
                self.wait_healthy()

    def active_faults(self) -> list[str]:
        """Return the names of the injected faults, the oldest first."""
        return list(self._active.all())

    # Parts

    def _require_engine(self) -> None:
        try:
            run(["docker", "compose", "version"], timeout=20)
            run(["docker", "version"], timeout=20)
        except LabError:
            raise LabError("no Docker engine with Compose v2 answers: run scripts/setup/docker.sh") from None

    def _require_up(self) -> None:
        if not self.env_file.exists() or not self.containers():
            raise LabError(f"the lab {self.project} is not up: run 'lab.py up' first")

    def _require_own_project(self) -> None:
        """Take over a lab that another checkout left under this name; refuse a project that is no lab."""
        in_project = f"label=com.docker.compose.project={self.project}"
        all_ids = set(self.docker("ps", "-aq", "--filter", in_project).split())
        lab_ids = set(self.docker("ps", "-aq", "--filter", in_project, "--filter", f"label={LAB_LABEL}").split())
        if all_ids - lab_ids:
            raise LabError(
                f"the Compose project {self.project} exists and is not a lab: nothing was touched. "
                "Choose another name with --project"
            )
        volumes = self.docker("volume", "ls", "-q", "--filter", in_project).split()
        foreign = [c for c in self.containers().values() if not c.config_files.startswith(str(COMPOSE_FILE))]
        # Its secrets are in an env file that this checkout does not have, so it cannot go on from there.
        if foreign or ((lab_ids or volumes) and not self.env_file.exists()):
            self._remove()

    def _remove(self) -> None:
        project = ("--filter", f"label=com.docker.compose.project={self.project}", "--filter", f"label={LAB_LABEL}")
        beside = ("--filter", f"label={self.beside_label}")
        for listing, removal in (
            (("ps", "-aq", *project), ("rm", "-f", "-v")),
            (("ps", "-aq", *beside), ("rm", "-f", "-v")),
            (("images", "-q", *beside), ("rmi", "-f")),
            (("network", "ls", "-q", *project), ("network", "rm")),
            (("volume", "ls", "-q", *project), ("volume", "rm")),
        ):
            ids = self.docker(*listing).split()
            if ids:
                self.docker(*removal, *ids)

    def _write_env_file(self) -> None:
        before = self.variables()
        try:
            variables = environment.compute(self.project, self.port_offset, before, os.environ)
        except ValueError as error:
            raise LabError(str(error)) from None
        if variables != before:
            environment.write(self.env_file, variables)
