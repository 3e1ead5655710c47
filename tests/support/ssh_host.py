# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An sshd of our own on loopback: own keys, own configuration, own port; nothing of the machine's own SSH is used.

It needs root, to let others log in. What it adds to the machine (a user, sshd's own user and folder) goes again.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from checkout import ROOT

OPENSSH = ROOT / ".cache" / "setup" / "openssh"
SSHD = OPENSSH / "usr" / "sbin" / "sshd"
# sshd gives up its rights to this user in this folder; both are compiled in.
_PRIVILEGE_USER, _PRIVILEGE_FOLDER = "sshd", Path("/run/sshd")
_CONFIGURATION = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
AllowUsers {users}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PrintMotd no
MaxStartups 50
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SshHost:
    """Where to log in.

    :param folder: of this host; everybody may look into it.
    :param key: the private key that every user accepts.
    :param plain_user: somebody of the group docker who is nothing else.
    """

    port: int
    folder: Path
    key: str
    plain_user: str

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def shared_folder(self, name: str) -> Path:
        """A folder of root's in which the group docker may write, as docs/schedule.md prepares it for the record."""
        path = self.folder / name
        path.mkdir()
        os.chown(path, 0, grp.getgrnam("docker").gr_gid)
        path.chmod(0o2770)
        return path


@contextmanager
def ssh_host(port: int, plain_user: str) -> Iterator[SshHost]:
    """Run sshd as long as it is needed."""
    with ExitStack() as undo:
        folder = Path(tempfile.mkdtemp(prefix="incident-response-ssh-"))
        undo.callback(shutil.rmtree, folder)
        folder.chmod(0o755)
        _have_user(undo, _PRIVILEGE_USER, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin")
        _have_user(undo, plain_user, "--create-home", "--groups", "docker", "--shell", "/bin/bash", "--password", "*")
        if not _PRIVILEGE_FOLDER.exists():
            _PRIVILEGE_FOLDER.mkdir(mode=0o755)
            undo.callback(_PRIVILEGE_FOLDER.rmdir)
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        (folder / "authorized_keys").write_bytes((folder / "user_key.pub").read_bytes())
        host_key = (folder / "host_key.pub").read_text(encoding="utf-8")
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}", encoding="utf-8")
        configuration = _CONFIGURATION.format(port=port, folder=folder, users=f"root {plain_user}")
        (folder / "sshd_config").write_text(configuration, encoding="utf-8")
        undo.enter_context(_running_sshd(folder, port))
        yield SshHost(port, folder, (folder / "user_key").read_text(encoding="utf-8"), plain_user)


def _have_user(undo: ExitStack, name: str, *options: str) -> None:
    """Add a user that is not there, and take it away in the end."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", *options, name], check=True)
        # --force: also when a process of it has not ended yet.
        undo.callback(subprocess.run, ["userdel", "--force", "--remove", name], check=True, capture_output=True)


@contextmanager
def _running_sshd(folder: Path, port: int) -> Iterator[None]:
    (library,) = {path.parent for path in OPENSSH.glob("usr/lib/*/libwrap.so.0")}
    log = folder / "sshd.log"
    daemon = subprocess.Popen(
        [str(SSHD), "-D", "-f", str(folder / "sshd_config"), "-E", str(log)],
        env={**os.environ, "LD_LIBRARY_PATH": str(library)},
    )
    try:
        _wait_until_it_listens(daemon, port, log)
        yield
    finally:
        # Ansible keeps its sessions open for a minute, and they outlive the one who listens.
        sessions = _descendants(daemon.pid)
        daemon.kill()
        daemon.wait()
        for session in sessions:
            with suppress(ProcessLookupError):
                os.kill(session, signal.SIGKILL)


def _descendants(process: int) -> list[int]:
    """Its children, theirs, and so on."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name, in brackets, may hold anything.
            before, _, after = status.read_text(encoding="utf-8", errors="replace").rpartition(")")
            parents[int(before.split(" ", 1)[0])] = int(after.split()[1])
    found = [child for child, parent in parents.items() if parent == process]
    return found + [one for child in found for one in _descendants(child)]


def _wait_until_it_listens(daemon: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        with socket.socket() as client:
            client.settimeout(1)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"sshd does not listen: {log.read_text(encoding='utf-8') if log.exists() else ''}")
        time.sleep(0.05)
