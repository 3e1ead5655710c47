# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second Docker engine with a small disk of its own, to be filled to the brim.

What a prune does, it does to the whole host. On an engine of its own a test may do that, and may fill Docker's root,
without touching anybody else's images, build cache and containers. Root only.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from file_systems import IS_ROOT, small_disk

from labtool.commands import run, wait_until

PROJECT = "shop"
SERVICE = "web"
AVAILABLE = IS_ROOT and all(shutil.which(name) for name in ("dockerd", "mkfs.ext4", "mount", "unshare"))
_HOST_FOLDERS = ("/usr", "/bin", "/lib", "/lib64")


@dataclass(frozen=True)
class SmallEngine:
    """It runs, and its root lies on the disk.

    :param disk: where the disk is mounted.
    :param client: an executable that is used like ``docker``.
    :param daemon_json: the file that its dockerd reads.
    """

    disk: Path
    client: Path
    daemon_json: Path
    process: subprocess.Popen[bytes]

    def docker(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run its client."""
        return run([str(self.client), *arguments], stdin=stdin).strip()

    def compose_build(self, folder: Path, size: int) -> None:
        """Build an image of so many random bytes and remove it again: what is left is build cache."""
        folder.mkdir()
        (folder / "data").write_bytes(os.urandom(size))
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY data /data\n")
        project = {"name": "built", "services": {"built": {"build": str(folder), "image": "built:1"}}}
        (folder / "compose.json").write_text(json.dumps(project))
        self.docker("compose", "-f", str(folder / "compose.json"), "build", "--quiet")
        self.docker("image", "rm", "built:1")

    def image(self, *sizes: int, name: str = "") -> str:
        """Import an image of files of so many random bytes and return its id; without a name it is dangling."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for number, size in enumerate(sizes):
                entry = tarfile.TarInfo(f"file-{number:04d}")
                entry.size = size
                tar.addfile(entry, io.BytesIO(os.urandom(size)))
        return self.docker("import", "-", *([name] if name else []), stdin=archive.getvalue())

    def stopped(self, name: str, size: int = 0, labels: Mapping[str, str] | None = None) -> str:
        """Make a container that never ran, with so many bytes in its own layer. Returns its id."""
        words = [word for key, value in (labels or {}).items() for word in ("--label", f"{key}={value}")]
        container = self.docker("create", "--name", name, "--network", "none", *words, "small:1", "/nothing")
        if size:
            archive = io.BytesIO()
            with tarfile.open(fileobj=archive, mode="w") as tar:
                entry = tarfile.TarInfo("litter")
                entry.size = size
                tar.addfile(entry, io.BytesIO(os.urandom(size)))
            self.docker("cp", "-", f"{container}:/", stdin=archive.getvalue())
        return container

    def service(self, name: str, command: str) -> str:
        """Run a service of the project :data:`PROJECT` by a shell of the host. Returns the container's id."""
        binds = [word for path in _HOST_FOLDERS if Path(path).exists() for word in ("-v", f"{path}:{path}:ro")]
        labels = compose_labels(name)
        words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
        container = f"{PROJECT}-{name}-1"
        return self.docker(
            "run", "-d", "--name", container, "--network", "none", *words, *binds, "small:1", "/bin/sh", "-c", command
        )

    def names(self, *arguments: str) -> set[str]:
        """Return the lines that a listing prints."""
        return set(self.docker(*arguments).split())

    @property
    def containers(self) -> set[str]:
        """Return the names of all containers."""
        return self.names("ps", "--all", "--format", "{{.Names}}")

    @property
    def images(self) -> set[str]:
        """Return the ids of all images."""
        return self.names("images", "--quiet", "--no-trunc")

    @property
    def build_cache(self) -> int:
        """How many entries its build cache has."""
        return len(json.loads(self.docker("system", "df", "--verbose", "--format", "{{json .BuildCache}}")))

    def inspect(self, container: str) -> dict[str, Any]:
        """Return what it says of a container."""
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", container))
        return found[0]


def compose_labels(service: str, project: str = PROJECT) -> dict[str, str]:
    """Return the labels by which Compose knows a service's container."""
    return {
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.config-hash": "0" * 64,
    }


@contextlib.contextmanager
def small_engine(folder: Path, *, inodes: int = 0) -> Iterator[SmallEngine]:
    """A running engine on a disk of 200 MB, with one service that runs.

    :param folder: an empty folder for its files. Its path is short enough for a socket (some 100 characters).
    :param inodes: of the disk; ext4's own choice when 0.
    """
    with small_disk(folder / "disk", inodes=inodes) as disk:
        client, settings = folder / "docker", folder / "daemon.json"
        client.write_text(f'#!/bin/sh\nexec env DOCKER_HOST=unix://{folder}/socket docker "$@"\n')
        client.chmod(0o755)
        settings.write_text("{}\n")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_command(folder, disk), stdout=log, stderr=log, start_new_session=True)
        engine = SmallEngine(disk, client, settings, process)
        try:
            wait_until("the small engine", lambda: bool(engine.docker("version")))
            engine.image(100, name="small:1")
            engine.service(SERVICE, "exec sleep infinity")
            yield engine
        finally:
            with contextlib.suppress(Exception):
                engine.docker("rm", "--force", *engine.containers)
            process.terminate()
            process.wait(timeout=30)


def _command(folder: Path, disk: Path) -> Sequence[str]:
    """In a network namespace of its own: a dockerd without a bridge removes docker0, whosever it is."""
    return [
        "unshare",
        "--net",
        "dockerd",
        f"--config-file={folder}/daemon.json",
        f"--data-root={disk}/docker",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        f"--host=unix://{folder}/socket",
        "--bridge=none",
        "--iptables=false",
        "--ip-forward=false",
        "--ip-masq=false",
    ]
