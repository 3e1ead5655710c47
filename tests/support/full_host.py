# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose one small disk holds all that a run needs: Docker's root, the record, backups, Ansible's files."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab_record import LabRecord
from playbook_run import PlaybookRun, run_playbook
from quick import QUICK
from small_engine import PROJECT, SmallEngine

PLAYBOOK = "remediate_disk_space.yml"
MB = 1_000_000
DAY = 86400
RESERVE = "incident_response.reserve"
AGES = {"build_cache_age_h": 0, "image_age_h": 0, "container_age_h": 0}
INVENTORY = """
platforms:
  hosts:
    small:
      ansible_connection: local
      ansible_python_interpreter: '{{ ansible_playbook_python }}'
"""


@dataclass
class FullHost:
    """A host whose one disk holds Docker's root, the record, the backups and the folder that Ansible copies modules to.

    :param folder: beside the disk, for what must not lie on it.
    """

    engine: SmallEngine
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def disk(self) -> Path:
        """Where it is mounted."""
        return self.engine.disk

    @property
    def record(self) -> LabRecord:
        """The record on the disk."""
        return LabRecord(self.disk / "state")

    @property
    def available(self) -> int:
        """Bytes that are left."""
        room = os.statvfs(self.disk)
        return room.f_bavail * room.f_frsize

    @property
    def used_percent(self) -> float:
        """Of bytes or inodes, whichever is scarcer."""
        room = os.statvfs(self.disk)
        shares = (1 - room.f_bavail / room.f_blocks, 1 - room.f_favail / room.f_files)
        return 100 * max(shares)

    def play(self, *options: str, **variables: Any) -> PlaybookRun:
        """Run the playbook. Ansible's own folder for modules is on the disk, as it is wherever /root is."""
        inventory = self.folder / "hosts.yml"
        inventory.write_text(INVENTORY)
        known = {
            "platform_project": PROJECT,
            "platform_docker_cli": str(self.engine.client),
            "platform_state_dir": str(self.disk / "state"),
            "disk_space_daemon_json": str(self.engine.daemon_json),
            "disk_space_settings": {**AGES, **self.settings},
        }
        return run_playbook(
            PLAYBOOK,
            Path(tempfile.mkdtemp(dir=self.folder)),
            variables={**QUICK, **known, **variables},
            options=options,
            environment={"ANSIBLE_REMOTE_TMP": str(self.disk / "ansible")},
            inventory=inventory,
        )

    def backups(self, *sizes: int, folder: str = "backups", files: int = 0) -> Path:
        """Make one backup of each size, the first the oldest (30, 29, ... days).

        :param files: makes each backup a folder of so many files of that size.
        """
        path = self.disk / folder
        path.mkdir(exist_ok=True)
        for number, size in enumerate(sizes):
            backup = path / f"{number:02d}.dump"
            inside = [backup] if not files else [backup / f"{part:04d}" for part in range(files)]
            for file in inside:
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(os.urandom(size))
            at = time.time() - (30 - number) * DAY
            for file in {*inside, backup}:
                os.utime(file, (at, at))
        self.settings["backups"] = [{"path": str(path), "pattern": "*.dump", "keep": 2, "older_than_days": 7}]
        return path

    def known(self) -> None:
        """Let a run find the host well: from then on there is a record, with its reserve."""
        # What runs well is noted at once: by age it would be noted in one of the runs that are compared.
        run = self.play(disk_space_thresholds={"known_good_age_s": 0.1})
        assert (run.rc, run.ending, run.changed) == (0, "healthy", 0), run.output
        assert len(list((self.disk / "state").glob(f"{RESERVE}*"))) > 1

    def everything(self) -> dict[str, Any]:
        """What may not differ after a run that changes nothing."""
        here = [path for name in ("backups", "state") for path in sorted((self.disk / name).rglob("*"))]
        return {
            "containers": self.engine.containers,
            "images": self.engine.images,
            "cache": self.engine.build_cache,
            "daemon.json": self.engine.daemon_json.read_text(),
            "files": {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in here},
        }
