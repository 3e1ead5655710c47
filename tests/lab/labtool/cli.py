# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the lab."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

import faults

from . import environment
from .commands import LabError
from .lab import Lab
from .platform import SERVICES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 it failed or the platform is not healthy, 2 wrong usage,
    130 interrupted.
    """
    options = _parser().parse_args(arguments)
    lab = lab_of(options.project, options.port_offset)
    started = time.monotonic()
    try:
        code = int(COMMANDS[options.command](lab, options) or 0)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; 'lab.py reset' puts everything right", file=sys.stderr)
        return 130
    if options.command in ("up", "down", "reset", "fault", "heal"):
        print(f"lab: done in {time.monotonic() - started:.1f} s")
    return code


def lab_of(project: str, port_offset: int | None) -> Lab:
    """Return the lab of this name. Without an offset it is at the ports that it has already: never at another lab's."""
    if port_offset is None:
        port_offset = environment.port_offset(Lab(project).variables())
    return Lab(project, port_offset)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.py", description="The platform of the playbook, to break and to heal.")
    parser.add_argument("--project", default=os.environ.get("LAB_PROJECT", "agentfoundry"), help="Compose project name")
    parser.add_argument(
        "--port-offset",
        type=int,
        default=os.environ.get("LAB_PORT_OFFSET") or None,
        help="added to each port of the playbook, for a second lab beside the first; a lab that is there keeps its own",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="bring the lab up and wait until all ten services are healthy")
    commands.add_parser("down", help="remove its containers, networks and volumes")
    commands.add_parser("reset", help="undo all faults and put right whatever else differs")
    commands.add_parser("status", help="show each service and the active faults; exit code 1 when one is not healthy")
    commands.add_parser("faults", help="list the faults")
    fault = commands.add_parser("fault", help="inject a fault and wait until it shows")
    fault.add_argument("name")
    heal = commands.add_parser("heal", help="undo a fault, or all of them")
    heal.add_argument("name", nargs="?")
    return parser


def _up(lab: Lab, options: argparse.Namespace) -> None:
    lab.up()
    print(f"lab: ten services are healthy; the gateway is at {lab.url('api-gateway')}")


def _down(lab: Lab, options: argparse.Namespace) -> None:
    lab.down()


def _reset(lab: Lab, options: argparse.Namespace) -> None:
    lab.reset()


def _fault(lab: Lab, options: argparse.Namespace) -> None:
    fault = faults.find(options.name)
    lab.inject(fault.name)
    print(f"lab: {fault.name}: {fault.sentence}")


def _heal(lab: Lab, options: argparse.Namespace) -> None:
    names = [options.name] if options.name else list(reversed(lab.active_faults()))
    for name in names:
        if name not in lab.active_faults():
            print(f"lab: {faults.find(name).name} is not active")
            continue
        lab.undo(name)
        print(f"lab: {name} is undone")


def _status(lab: Lab, options: argparse.Namespace) -> int:
    unhealthy = lab.unhealthy()
    for service in SERVICES:
        print(f"{service:<22} {unhealthy.get(service, 'healthy')}")
    active = lab.active_faults()
    print("active faults: " + (", ".join(active) or "none"))
    return 1 if unhealthy else 0


def _faults(lab: Lab, options: argparse.Namespace) -> None:
    for fault in faults.FAULTS.values():
        print(f"{fault.name:<26} {fault.scenario:<15} {fault.sentence}")


COMMANDS = {
    "up": _up,
    "down": _down,
    "reset": _reset,
    "fault": _fault,
    "heal": _heal,
    "status": _status,
    "faults": _faults,
}
