# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set-up scripts, in a copy of the checkout and with stand-ins for the programs that would change the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labtool.platform import REPO_ROOT

# Each stand-in writes down how it was called, and then behaves as the test's machine is said to be.
STAND_IN = """#!/bin/bash
echo "{name} $*" >>"$CALLS"
{behaviour}
"""
DOCKER = """
[ "$ENGINE" = up ] || exit 1
case "$1 $2" in
    "compose version") echo 2.26.1 ;;
    "version --format") echo 20.10.24 ;;
    "image inspect") [ "$3" = lab/image:1 ] ;;
esac
"""
APT_GET = """
if [ "$1 $2" = "purge -s" ]; then printf 'Purg %s [1.0]\\n' $PURGED_WITH "${@:3}"; fi
"""


@dataclass
class Machine:
    """A checkout with the set-up scripts, and the programs they find there."""

    root: Path
    environment: dict[str, str]

    def run(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(self.root / "scripts" / "setup" / script), *arguments],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def calls(self, program: str) -> list[str]:
        """Return how the program was called, one line each."""
        log = Path(self.environment["CALLS"])
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if line.startswith(program + " ")]

    def remember(self, kind: str, *items: str) -> Path:
        path = self.root / ".cache" / "setup" / kind
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{item}\n" for item in items))
        return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    root, programs = tmp_path / "check out", tmp_path / "bin"
    shutil.copytree(REPO_ROOT / "scripts" / "setup", root / "scripts" / "setup")
    programs.mkdir()
    for name, behaviour in {"docker": DOCKER, "apt-get": APT_GET, "id": "echo 1000", "python3": ""}.items():
        path = programs / name
        path.write_text(STAND_IN.format(name=name, behaviour=behaviour))
        path.chmod(0o755)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "ENGINE": "up",
        "PURGED_WITH": "",
    }
    return Machine(root, environment)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like an engine: it is called dockerd and ends at SIGTERM."""
    program = tmp_path / "dockerd"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([str(program), "300"]) as process:
        yield process
        process.kill()


def test_a_machine_with_docker_is_left_as_it_is(machine: Machine) -> None:
    done = machine.run("docker.sh")
    assert (done.returncode, done.stdout) == (0, "docker: engine 20.10.24 and Compose 2.26.1 answer\n")
    assert machine.calls("apt-get") == []
    assert not (machine.root / ".cache").exists()


def test_without_docker_and_without_root_it_says_what_to_install(machine: Machine) -> None:
    done = machine.run("docker.sh", ENGINE="down")
    assert done.returncode == 3
    assert "Please install Docker Engine and its Compose plugin" in done.stderr
    assert machine.calls("apt-get") == []


def test_systemd_analyze_that_is_there_is_used_as_it_is(machine: Machine, tmp_path: Path) -> None:
    analyze = tmp_path / "bin" / "systemd-analyze"
    analyze.write_text("#!/bin/bash\n")
    analyze.chmod(0o755)
    done = machine.run("systemd.sh")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.calls("apt-get") == []


def test_without_systemd_analyze_and_without_root_it_says_which_test_is_skipped(machine: Machine) -> None:
    done = machine.run("systemd.sh", PATH=str(only(machine, "bash", "dirname", "grep", "cat")))
    assert done.returncode == 0
    assert "the role schedule is skipped. Install the package systemd to run it." in done.stderr
    assert machine.calls("apt-get") == []


def test_monitoring_is_unpacked_below_the_cache_and_never_installed(machine: Machine, tmp_path: Path) -> None:
    programs = ("prometheus", "promtool", "prometheus-alertmanager", "amtool", "prometheus-node-exporter")
    for name, behaviour in {
        "java": "",
        "apt-get": "touch some.deb",
        "dpkg": f"mkdir -p $3/usr/bin $3/usr/share/prometheus/alertmanager; cd $3/usr/bin; touch {' '.join(programs)};"
        "chmod +x *; touch ../share/prometheus/alertmanager/default.tmpl",
    }.items():
        path = tmp_path / "bin" / name
        path.write_text(STAND_IN.format(name=name, behaviour=behaviour))
        path.chmod(0o755)

    first, again = machine.run("monitoring.sh"), machine.run("monitoring.sh")

    assert (first.returncode, again.returncode, again.stdout) == (0, 0, ""), first.stderr
    assert machine.calls("apt-get") == [
        "apt-get download -qq prometheus prometheus-alertmanager prometheus-node-exporter"
    ]
    cache = machine.root / ".cache" / "monitoring"
    assert sorted(path.name for path in cache.rglob("*")) == sorted(["bin", "templates", "default.tmpl", *programs])


def test_without_java_and_without_root_it_says_which_tests_are_skipped(machine: Machine) -> None:
    folder = machine.root / ".cache" / "monitoring" / "bin"
    folder.mkdir(parents=True)
    for name in ("prometheus", "promtool", "prometheus-alertmanager", "amtool", "prometheus-node-exporter"):
        (folder / name).touch(mode=0o755)

    done = machine.run("monitoring.sh", PATH=str(only(machine, "bash", "dirname", "grep", "cat")))

    assert done.returncode == 0
    assert "Install Java 17 or later to run them." in done.stderr
    assert machine.calls("apt-get") == []


def test_without_chromium_and_without_root_it_says_which_tests_are_skipped(machine: Machine) -> None:
    done = machine.run("chromium.sh", PATH=str(only(machine, "bash", "dirname", "grep", "cat")))

    assert done.returncode == 0
    assert "Install Chromium to run them." in done.stderr
    assert machine.calls("apt-get") == []


def only(machine: Machine, *programs: str) -> Path:
    """Return a folder with the stand-ins and these programs: whatever else is on this machine is not there."""
    folder = Path(machine.environment["PATH"].partition(":")[0])
    for name in programs:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def test_images_of_others_need_no_build(machine: Machine) -> None:
    lab = machine.root / "tests" / "lab"
    for name in ("services", "model", "images/python-service", "images/postgres", "images/redis", "images/rabbitmq"):
        (lab / name).mkdir(parents=True)
    (lab / ".dockerignore").touch()
    for name in ("base-image.sh", "images.sh"):
        (machine.root / "scripts" / "setup" / name).chmod(0o755)
    chosen = {"POSTGRES_IMAGE": "postgres:16", "REDIS_IMAGE": "redis:7", "RABBITMQ_IMAGE": "rabbitmq:3-management"}
    done = machine.run("images.sh", BASE_IMAGE="lab/image:1", **chosen)
    assert (done.returncode, done.stdout) == (0, "images: building python-service\n")
    assert [call for call in machine.calls("docker") if "build" in call] == [
        f"docker compose -f {lab}/build.yaml build python-service"
    ]


def test_listing_removes_nothing(machine: Machine, tmp_path: Path, engine: subprocess.Popen[bytes]) -> None:
    plugin = tmp_path / "docker-compose"
    plugin.touch()
    (machine.root / ".cache" / "lab" / "some-lab").mkdir(parents=True)
    machine.remember("files", str(plugin))
    machine.remember("packages", "docker.io")
    machine.remember("images", "lab/image:1")
    machine.remember("dockerd.pid", str(engine.pid))
    done = machine.run("clean.sh", "--list")
    assert done.returncode == 0
    for word in ("the lab some-lab", "the image lab/image:1", f"pid {engine.pid}", str(plugin), "docker.io", ".cache"):
        assert word in done.stdout
    assert plugin.exists()
    assert engine.poll() is None
    assert machine.calls("python3") + machine.calls("apt-get") == []
    assert (machine.root / ".cache" / "setup" / "images").exists()


def test_cleaning_takes_back_what_is_remembered_and_nothing_else(
    machine: Machine, tmp_path: Path, engine: subprocess.Popen[bytes]
) -> None:
    plugin, other = tmp_path / "docker-compose", tmp_path / "of-someone-else"
    plugin.touch()
    other.touch()
    (machine.root / ".cache" / "lab" / "some-lab").mkdir(parents=True)
    machine.remember("files", str(plugin))
    machine.remember("packages", "docker.io", "iptables")
    machine.remember("images", "lab/image:1", "lab/gone:1")
    machine.remember("dockerd.pid", str(engine.pid))
    (tmp_path / "cache" / "agentfoundry.incident_response" / "sanity").mkdir(parents=True)
    (tmp_path / "cache" / "another").mkdir()
    done = machine.run("clean.sh", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.calls("python3") == [f"python3 {machine.root}/tests/lab/lab.py --project some-lab down"]
    assert [call for call in machine.calls("docker") if "rmi" in call] == ["docker rmi lab/image:1"]
    assert machine.calls("apt-get")[-1] == "apt-get purge -y -qq docker.io iptables"
    assert engine.wait(timeout=10) == -15
    assert not plugin.exists()
    assert other.exists()
    assert not (machine.root / ".cache").exists()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["another"]


def test_packages_that_others_need_by_now_stay_and_the_rest_is_tried_again(machine: Machine) -> None:
    packages = machine.remember("packages", "docker.io")
    done = machine.run("clean.sh", PURGED_WITH="firewall", ENGINE="down")
    assert done.returncode == 1
    assert "others need these packages now: firewall" in done.stderr
    assert machine.calls("apt-get") == ["apt-get purge -s docker.io"]
    assert packages.exists()


def test_an_engine_that_someone_else_started_is_not_stopped(machine: Machine) -> None:
    with subprocess.Popen(["sleep", "300"]) as process:
        machine.remember("dockerd.pid", str(process.pid))
        done = machine.run("clean.sh")
        assert done.returncode == 0
        assert process.poll() is None
        process.kill()


def test_a_clean_checkout_has_nothing_to_clean(machine: Machine) -> None:
    done = machine.run("clean.sh", ENGINE="down")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
