# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source for ansible-rulebook: services of Compose projects that fail, from Docker's own event stream.

ansible-rulebook runs this file by itself, so it imports nothing of the collection.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

DOCUMENTATION = r"""
---
short_description: Services of Compose projects that fail, from Docker's event stream
description:
  - Follows C(docker events) on the machine that runs the rulebook, or on the engine of O(docker_host). No monitoring is
    needed.
  - Tells of a container that died and was not started again, that ran out of memory, or whose health check fails.
  - What comes while the stream is cut is asked for again, with no event lost or doubled as far as the engine remembers
    (its last 256 events; none over its own restart). At the start and after each cut, what is down or unhealthy by then
    is told as well, once.
  - What is told bears C(compose.project), C(compose.services), C(compose.detail), C(compose.playbook) and
    C(compose.host).
options:
  platforms:
    description: The Compose projects to look at, each with its inventory host. Other projects are left alone.
    type: dict
    required: true
  playbooks:
    description: The playbook to run for a service, by the name of the service.
    type: dict
    default: {}
  default_playbook:
    description: The playbook for every other service.
    type: str
    default: agentfoundry.incident_response.remediate_service_crash
  actions:
    description: What is told.
    type: list
    elements: str
    choices: [died, oom, unhealthy]
    default: [died, oom, unhealthy]
  die_hold:
    description: Seconds in which a container that died may be started again (by its restart policy, by a person, by a
      playbook) before it is told.
    type: float
    default: 15
  pause:
    description: Seconds between two events for the same platform and playbook. What comes in between is told as one
      afterwards; nothing is dropped.
    type: float
    default: 60
  docker_cli:
    description: The Docker client.
    type: str
    default: docker
  docker_host:
    description: Another engine, such as V(ssh://ops@docker1.example.com). Left out, what the client uses by itself.
    type: str
  reconnect_delay:
    description: The longest time in seconds until the stream is opened again when it was cut.
    type: float
    default: 30
  memory:
    description: Events that are remembered so that none is told twice, and containers that may be held at once.
    type: int
    default: 1024
"""

EXAMPLES = r"""
- agentfoundry.incident_response.compose_events:
    platforms: {shop: docker1}
    playbooks: {model-server: agentfoundry.incident_response.remediate_model_server}
"""

ACTIONS = ("died", "oom", "unhealthy")
LONGEST_LINE = 1 << 20  # bytes; an event has at most some labels
_MOST_NAMED = 20
_UNHEALTHY = "health_status: unhealthy"
_ENDS = {"start": ("die", _UNHEALTHY), "health_status: healthy": (_UNHEALTHY,)}
"""What a listing may tell anew after an event."""
_CHUNK = 1 << 16
_LISTING_SECONDS = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_PLAYBOOK = re.compile(r"[A-Za-z0-9_./-]{1,200}")
_LABEL = "com.docker.compose."
_IGNORED = "agentfoundry.incident_response.ignore"
_READ = (*(f"{_LABEL}{name}" for name in ("project", "service", "container-number", "oneoff")), _IGNORED)

log = logging.getLogger("compose_events")


@dataclass(frozen=True)
class Options:
    """The arguments of the source, checked; see ``DOCUMENTATION``. Times in seconds."""

    platforms: Mapping[str, str]
    playbooks: Mapping[str, str] = field(default_factory=dict)
    default_playbook: str = "agentfoundry.incident_response.remediate_service_crash"
    actions: tuple[str, ...] = ACTIONS
    die_hold: float = 15.0
    pause: float = 60.0
    docker_cli: str = "docker"
    docker_host: str = ""
    reconnect_delay: float = 30.0
    memory: int = 1024

    def command(self, since: str) -> list[str]:
        """Docker's client with its arguments. :param since: seconds since the epoch, perhaps with nanoseconds."""
        filters = ("type=container", "event=die", "event=oom", "event=health_status", "event=start")
        return [*self._command("events", "{{json .}}", *filters), "--since", since]

    def listings(self) -> list[list[str]]:
        """The commands that list what is down and what is unhealthy now, each as an event of no time."""
        labels = ",".join(f'"{name}":{{{{json (.Label "{name}")}}}}' for name in _READ)
        shape = f'{{"timeNano":0,"Action":"%s","Actor":{{"ID":{{{{json .ID}}}},"Attributes":{{{labels}}}}}}}'
        # A container that is down goes on being as healthy as it was last.
        wanted = {"die": ("status=exited", "status=dead"), _UNHEALTHY: ("health=unhealthy", "status=running")}
        every = [self._command("ps", shape % action, *filters) for action, filters in wanted.items()]
        return [[*command, "--all", "--no-trunc"] for command in every]

    def _command(self, what: str, shape: str, *filters: str) -> list[str]:
        host = ["--host", self.docker_host] if self.docker_host else []
        # Of several values for one label only containers with all of them would pass: with more projects we choose.
        label = f"label={_LABEL}project" + (f"={next(iter(self.platforms))}" if len(self.platforms) == 1 else "")
        chosen = [part for one in (*filters, label) for part in ("--filter", one)]
        return [self.docker_cli, *host, what, "--format", shape, *chosen]


def read_options(args: Mapping[str, Any]) -> Options:
    """The arguments, checked.

    :raises ValueError: one is unknown or cannot be used; the message names it, its value and the remedy.
    """
    unknown = sorted(set(args) - set(Options.__dataclass_fields__))
    if unknown:
        raise ValueError(
            f"compose_events: there is no argument {unknown[0]}; {', '.join(Options.__dataclass_fields__)}."
        )
    given: dict[str, Any] = {name: value for name, value in args.items() if value is not None}
    platforms = given.get("platforms")
    if not isinstance(platforms, dict) or not platforms:
        raise _bad(
            "platforms", platforms, "Give each Compose project with its inventory host, such as {shop: docker1}."
        )
    _check_names("platforms", platforms, _NAME)
    _check_names("playbooks", given.get("playbooks", {}), _PLAYBOOK)
    if not _is(given.get("default_playbook", "a"), _PLAYBOOK):
        raise _bad("default_playbook", given["default_playbook"], "Give the full name of a playbook, or a path.")
    actions = given.get("actions", list(ACTIONS))
    if not isinstance(actions, list) or not actions or not all(one in ACTIONS for one in actions):
        raise _bad("actions", actions, f"Give a list of {', '.join(ACTIONS)}.")
    for name, least, most in (("die_hold", 0, 3600), ("pause", 0, 86400), ("reconnect_delay", 0.01, 3600)):
        if name in given:
            given[name] = _number(name, given[name], least, most)
    if "memory" in given:
        given["memory"] = int(_number("memory", given["memory"], 16, 1_000_000))
    for name in ("docker_cli", "docker_host"):
        # What begins with a dash would be an option of Docker's client.
        if not isinstance(given.get(name, ""), str) or given.get(name, "").startswith("-"):
            raise _bad(name, given[name], "Give a text that does not begin with a dash.")
    return Options(**{**given, "actions": tuple(actions)})


def _check_names(name: str, table: Any, value: re.Pattern[str]) -> None:
    if not isinstance(table, dict) or not all(_is(key, _NAME) and _is(one, value) for key, one in table.items()):
        raise _bad(name, table, "Give a table of names.")


def _is(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _number(name: str, value: Any, least: float, most: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if isinstance(value, bool) or not least <= number <= most:
        raise _bad(name, value, f"Give a number from {least:g} to {most:g}.")
    return number


def _bad(name: str, value: Any, remedy: str) -> ValueError:
    return ValueError(f"compose_events: {name} has the value {value!r}, which cannot be used. {remedy}")


class Lines:
    """Whole lines out of chunks; one that is longer than the limit is left out, and never held in memory."""

    def __init__(self, limit: int = LONGEST_LINE) -> None:
        self._limit, self._begun, self._skips = limit, b"", False

    def add(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk."""
        *ended, rest = (self._begun + chunk).split(b"\n")
        if ended and self._skips:
            ended, self._skips = ended[1:], False
        self._begun = b"" if self._skips else rest
        if len(self._begun) > self._limit:
            self._begun, self._skips = b"", True
        return [line for line in ended if len(line) <= self._limit]


@dataclass(frozen=True)
class Trouble:
    """Something to tell of a service."""

    project: str
    service: str
    text: str


class Watch:
    """What Docker's events come to. No I/O; times are of one monotonic clock, in seconds."""

    def __init__(self, options: Options, since: str) -> None:
        self.options = options
        self.since = since
        """Where to ask Docker to go on: seconds since the epoch, and nanoseconds."""
        self._seen: OrderedDict[tuple[int, str, str], None] = OrderedDict()
        self._held: OrderedDict[tuple[str, str, str], tuple[float, Trouble]] = OrderedDict()
        self._waiting: dict[tuple[str, str], list[Trouble]] = {}
        self._quiet_until: dict[tuple[str, str], float] = {}

    def take(self, line: bytes, now: float) -> bool:
        """One line of the stream. :returns: whether it was an event."""
        try:
            event = json.loads(line)
            labels = event["Actor"]["Attributes"]
            mark = (int(event["timeNano"]), str(event["Actor"]["ID"]), str(event["Action"]))
            project, service = labels[f"{_LABEL}project"], labels[f"{_LABEL}service"]
            number = str(labels.get(f"{_LABEL}container-number", ""))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return False
        if mark in self._seen or not (_is(project, _NAME) and _is(service, _NAME)):
            return True
        self._remember(mark)
        ours = project in self.options.platforms and labels.get(f"{_LABEL}oneoff") != "True"
        if ours and labels.get(_IGNORED) != "true":
            self._judge((project, service, number), mark[2], labels.get("exitCode"), now)
        return True

    def connected(self, now: float) -> None:
        """The stream is open again: a start that came meanwhile is still to be read."""
        grace = min(self.options.die_hold, 1.0)
        for key, (due, trouble) in self._held.items():
            self._held[key] = (max(due, now + grace), trouble)

    def due(self, now: float) -> list[dict[str, Any]]:
        """The events to tell by now."""
        for key in [key for key, held in self._held.items() if held[0] <= now]:
            self._tell(self._held.pop(key)[1])
        ready = [group for group in self._waiting if self._quiet_until.get(group, now) <= now]
        for group in ready:
            self._quiet_until[group] = now + self.options.pause
        return [self._event(group, self._waiting.pop(group)) for group in ready]

    def next_due(self, now: float) -> float | None:
        """Seconds until :meth:`due` has something to tell; None when nothing waits."""
        times = [held[0] for held in self._held.values()]
        times += [self._quiet_until.get(group, now) for group in self._waiting]
        return max(0.0, min(times) - now) if times else None

    def _remember(self, mark: tuple[int, str, str]) -> None:
        # Once by its time, and once for what a listing would tell of it.
        self._seen.update({mark: None, (0, *mark[1:]): None})
        for over in _ENDS.get(mark[2], ()):
            self._seen.pop((0, mark[1], over), None)
        while len(self._seen) > 2 * self.options.memory:
            self._seen.popitem(last=False)
        newest = max(mark[0], _nanoseconds(self.since))
        self.since = f"{newest // 10**9}.{newest % 10**9:09d}"

    def _judge(self, key: tuple[str, str, str], action: str, exit_code: Any, now: float) -> None:
        project, service = key[:2]
        wanted = self.options.actions
        if action == "start":
            self._held.pop(key, None)
        elif action == "die" and "died" in wanted:
            code = f" with exit code {exit_code}" if re.fullmatch("[0-9]{1,10}", str(exit_code)) else ""
            self._held[key] = (now + self.options.die_hold, Trouble(project, service, f"died{code}"))
            if len(self._held) > self.options.memory:
                self._tell(self._held.popitem(last=False)[1][1])
        elif action == "oom" and "oom" in wanted:
            self._tell(Trouble(project, service, "ran out of memory"))
        elif action == _UNHEALTHY and "unhealthy" in wanted:
            self._tell(Trouble(project, service, "is unhealthy"))

    def _tell(self, trouble: Trouble) -> None:
        playbook = self.options.playbooks.get(trouble.service, self.options.default_playbook)
        waiting = self._waiting.setdefault((trouble.project, playbook), [])
        if trouble not in waiting and len(waiting) < _MOST_NAMED:
            waiting.append(trouble)

    def _event(self, group: tuple[str, str], troubles: list[Trouble]) -> dict[str, Any]:
        project, playbook = group
        host = self.options.platforms[project]
        return {
            "compose": {
                "project": project,
                "host": host,
                "playbook": playbook,
                "services": sorted({one.service for one in troubles}),
                "detail": ", ".join(f"{one.service} {one.text}" for one in troubles),
            },
            "meta": {"hosts": [host]},
        }


def _nanoseconds(text: str) -> int:
    seconds, rest = text.split(".")
    return int(seconds) * 10**9 + int(f"{rest:0<9}"[:9])


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Called by ansible-rulebook; ends only when it is cancelled, or when an argument cannot be used."""
    options = read_options(args)
    watch = Watch(options, since=f"{time.time():.9f}")
    delay, first = 0.0, True
    while True:
        begun = time.monotonic()
        try:
            last = await _follow(queue, watch)
        except OSError as error:
            if first and not isinstance(error, TimeoutError):
                raise ValueError(
                    f"compose_events: {options.docker_cli} cannot be run ({error}). Set docker_cli."
                ) from error
            last = str(error) or f"no listing of containers within {_LISTING_SECONDS:g} s"
        first = False
        # A stream that stood for a while is opened again at once; an engine that is down is asked less and less often.
        was_open = time.monotonic() - begun > options.reconnect_delay
        delay = 0.0 if was_open else min(options.reconnect_delay, max(0.2, delay * 2))
        log.warning("Docker's event stream ended (%s); it is opened again in %.1f s", last or "without a word", delay)
        await asyncio.sleep(delay)


async def _follow(queue: asyncio.Queue[Any], watch: Watch) -> str:
    """Read one stream to its end. :returns: the last that Docker's client said beside events."""
    said = ""
    async with _client(watch.options.command(watch.since)) as stream:
        watch.connected(time.monotonic())
        for command in watch.options.listings():
            await _list(command, watch)
        lines, reading = Lines(), asyncio.ensure_future(stream.read(_CHUNK))
        try:
            while True:
                await asyncio.wait({reading}, timeout=watch.next_due(time.monotonic()))
                if reading.done():
                    chunk = reading.result()
                    if not chunk:
                        return said
                    for line in lines.add(chunk):
                        if not watch.take(line, time.monotonic()):
                            said = line[:200].decode("utf-8", "replace")
                    reading = asyncio.ensure_future(stream.read(_CHUNK))
                # A full queue holds us up here, and Docker's client in turn: nothing piles up.
                for event in watch.due(time.monotonic()):
                    await queue.put(event)
        finally:
            reading.cancel()


async def _list(command: list[str], watch: Watch) -> None:
    async with asyncio.timeout(_LISTING_SECONDS), _client(command) as listing:
        lines = Lines()
        while chunk := await listing.read(_CHUNK):
            for line in lines.add(chunk):
                watch.take(line, time.monotonic())


@contextlib.asynccontextmanager
async def _client(command: list[str]) -> AsyncIterator[asyncio.StreamReader]:
    """Docker's client, ended with the block; what it complains of is among its lines."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield cast("asyncio.StreamReader", process.stdout)  # it is a pipe
        # Its output is at an end: it ends by itself. Killing it just then would take its exit code from asyncio.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
