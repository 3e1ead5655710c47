# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way around the management API: rabbitmqctl by exec, everything in one call. It needs no password.

Each of its commands starts an Erlang machine, which takes about a second, so this is the second choice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_answer import mappings, plain
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    Node,
    Queue,
    QueueConsumer,
    Rates,
)

_BEGIN = r"""
limit=; if command -v timeout >/dev/null 2>&1; then limit="timeout $1"; fi
tell() { $limit rabbitmqctl -q --formatter json "$@" </dev/null; }
"""
_SCRIPT = (
    _BEGIN
    + r"""
echo '--status'
tell status || { echo; echo '--ping'; $limit rabbitmq-diagnostics -q ping; exit; }
echo; echo '--about'; tell eval "$2"
echo; echo '--channels'; tell list_channels pid name
$limit rabbitmqctl -q list_vhosts --no-table-headers | while IFS= read -r vhost; do
  echo; echo "--queues $vhost"; tell -p "$vhost" list_queues name messages messages_ready messages_unacknowledged \
    consumers consumer_utilisation auto_delete exclusive
  echo; echo "--consumers $vhost"; tell -p "$vhost" list_consumers
done
"""
)
"""Constant; the seconds for each command and :data:`_ABOUT` come as positional parameters."""

_AGAIN = (
    _BEGIN
    + r"""
acts=$2; shift 2
echo '--before'; tell eval "$acts"
for vhost; do
  echo; echo "--queues $vhost"; tell -p "$vhost" list_queues name messages messages_ready messages_unacknowledged
done
echo; echo '--after'; tell eval "$acts"
"""
)
"""Constant as well; seconds, :data:`_ACTS` and the virtual hosts come as positional parameters."""

_ACTS = (
    "#{ms => erlang:system_time(millisecond), acts => [#{vhost => V, name => Q, deliver => D + N, ack => A, "
    "redeliver => R} || {{_, {resource, V, queue, Q}}, _, _, D, N, R, A, _, _} <- "
    "ets:tab2list(channel_queue_metrics)]}."
)
"""What each channel has done since it was opened: exact, and known without the management plugin."""

_ABOUT = (
    "#{loopback => application:get_env(rabbit, loopback_users, []), %squeues => [#{vhost => V, name => N, kept => "
    'rabbit_policy:get(<<"dead-letter-exchange">>, Q) =/= undefined orelse '
    'rabbit_misc:table_lookup(amqqueue:get_arguments(Q), <<"x-dead-letter-exchange">>) =/= undefined} '
    "|| Q <- rabbit_amqqueue:list(), {resource, V, queue, N} <- [amqqueue:get_name(Q)]]}."
)
"""What no command lists: which queues have another one for what is refused, by their arguments or a policy."""
_GUEST = 'guest => element(1, rabbit_access_control:check_user_pass_login(<<"guest">>, <<"guest">>)), '
"""Whether the default user has its default password. It is no log-in: nothing stands in the broker's log."""
_LOOPBACK = ("127.", "::1", "[::1]", "localhost")

_LIMIT = "{application:get_env(rabbit, vm_memory_high_watermark), vm_memory_monitor:get_total_memory()}."
_UNITS = {"": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 10**6}
_UNITS = {**_UNITS, "g": 1 << 30, "gib": 1 << 30, "gb": 10**9}
_PEER = re.compile(r"^\[?([0-9A-Fa-f:.]+?)\]?:\d+ -> ")


@dataclass(frozen=True)
class CtlAnswer:
    """What rabbitmqctl told.

    :param alive: the runtime answers a ping.
    :param error: why something was not told, not redacted; empty when everything was.
    :param guest: True when the default credentials are good from outside the broker's loopback; None when untold.
    """

    alive: bool
    error: str = ""
    version: str = ""
    nodes: tuple[Node, ...] = ()
    queues: tuple[Queue, ...] = ()
    consumers: tuple[QueueConsumer, ...] = ()
    guest: bool | None = None


class RabbitmqCtl:
    """rabbitmqctl in one container.

    :param seconds: for one command.
    """

    def __init__(self, docker: DockerCli, container: str, *, seconds: float) -> None:
        self._docker = docker
        self._container = container
        self._seconds = seconds

    def look(self, *, deadline: float, guest: bool = False) -> CtlAnswer:
        """Node, queues and consumers.

        :param guest: whether the default credentials are tried.
        """
        about = _ABOUT % (_GUEST if guest else "")
        argv = ["sh", "-c", _SCRIPT, "sh", str(max(1, int(self._seconds))), about]
        result = self._docker.exec(self._container, argv, deadline=deadline, limit=4 << 20)
        error = "it did not answer in time" if result.timed_out else _complaint(result.stderr)
        return read_ctl(result.stdout.decode("utf-8", "replace"), error)

    def again(self, vhosts: Sequence[str], *, deadline: float) -> tuple[Queue, ...]:
        """The exact counts of these virtual hosts' queues, once more, and the rates meanwhile; no consumers."""
        argv = ["sh", "-c", _AGAIN, "sh", str(max(1, int(self._seconds))), _ACTS, *vhosts]
        result = self._docker.exec(self._container, argv, deadline=deadline, limit=4 << 20)
        return read_again(result.stdout.decode("utf-8", "replace"))

    def configured_limit(self, *, deadline: float) -> tuple[str, int | None]:
        """The memory limit that the configuration asks for: as rabbitmqctl takes it, and in bytes.

        ``("", None)`` when it cannot be told.
        """
        result = self._docker.exec(self._container, ["rabbitmqctl", "-q", "eval", _LIMIT], deadline=deadline)
        return read_limit(result.stdout.decode("utf-8", "replace"))

    def present_limit(self, *, deadline: float) -> int | None:
        """The memory limit that holds now, in bytes; None when it cannot be told."""
        argv = ["rabbitmqctl", "-q", "--formatter", "json", "status"]
        result = self._docker.exec(self._container, argv, deadline=deadline)
        status = _json(result.stdout.decode("utf-8", "replace"))
        return _int(status.get("vm_memory_high_watermark_limit")) if isinstance(status, Mapping) else None

    def set_limit(self, words: str, *, deadline: float) -> str:
        """Set the memory limit as :meth:`configured_limit` named it; what went wrong, or an empty string."""
        argv = ["rabbitmqctl", "-q", "set_vm_memory_high_watermark", *words.split()]
        result = self._docker.exec(self._container, argv, deadline=deadline)
        return "" if result.succeeded else _complaint(result.stderr) or f"exit code {result.exit_code}"


def read_ctl(output: str, error: str = "") -> CtlAnswer:
    """The output of the script as facts.

    :param error: what rabbitmqctl complained of; it counts only when something is missing.
    """
    sections = _sections(output)
    status = _json(sections.get("status", ""))
    if not isinstance(status, Mapping):
        alive = "succeeded" in sections.get("ping", "")
        return CtlAnswer(alive, error or "it told nothing of its state")
    peers = {
        str(item.get("pid", "")): _peer(str(item.get("name", "")))
        for item in mappings(_json(sections.get("channels", "")))
    }
    consumers = [
        QueueConsumer(
            vhost,
            str(item.get("queue_name", "")),
            peers.get(str(item.get("channel_pid", "")), ""),
            int(item.get("prefetch_count") or 0),
        )
        for vhost, items in _by_vhost(sections, "consumers")
        for item in items
    ]
    version = str(status.get("rabbitmq_version", ""))
    about = _value(sections.get("about", ""))
    kept = {
        f"{item.get('vhost')}/{item.get('name')}": item.get("kept") is True for item in mappings(about.get("queues"))
    }
    queues = tuple(replace(queue, dead_letter=kept.get(queue.key)) for queue in _queues(sections))
    missing = "" if _is_complete(sections) else error or "it did not tell of all its queues"
    return CtlAnswer(True, missing, version, (_node(status),), queues, tuple(consumers), _guest(about, status))


def read_again(output: str) -> tuple[Queue, ...]:
    """The output of the second script: the counts, and rates where both readings of the channels' acts are there."""
    sections = _sections(output)
    before, after = _acts(sections.get("before", "")), _acts(sections.get("after", ""))
    found = []
    for queue in _queues(sections):
        if before is not None and after is not None and after[0] > before[0]:
            rates = _rates(before[1].get(queue.key, {}), after[1].get(queue.key, {}), after[0] - before[0])
            queue = replace(queue, rates=rates)
        found.append(queue)
    return tuple(found)


def read_limit(output: str) -> tuple[str, int | None]:
    """The answer to the question for the configured limit: ``{{ok,{absolute,"256MB"}},25000000000}``."""
    absolute = re.search(r'\{absolute,\s*"?(\d+)\s*([A-Za-z]*)"?\}', output)
    if absolute and absolute[2].lower() in _UNITS:
        return f"absolute {absolute[1]}{absolute[2]}", int(absolute[1]) * _UNITS[absolute[2].lower()]
    share = re.search(r"\{ok,\s*(0?\.\d+|1\.0|0\.\d+e-?\d+)\},\s*(\d+)\}", output)
    if share:
        return f"{float(share[1]):g}", int(float(share[1]) * int(share[2]))
    return "", None


def _guest(about: Mapping[str, Any], status: Mapping[str, Any]) -> bool | None:
    told, loopback = about.get("guest"), about.get("loopback")
    if told is None or not isinstance(loopback, list):
        return None
    amqp = [str(item.get("interface", "")) for item in mappings(status.get("listeners")) if _takes_clients(item)]
    reached = not amqp or any(not interface.startswith(_LOOPBACK) for interface in amqp)
    return told == "ok" and "guest" not in loopback and reached


def _takes_clients(listener: Mapping[str, Any]) -> bool:
    return str(listener.get("protocol", "")) not in ("clustering", "")


def _node(status: Mapping[str, Any]) -> Node:
    alarms = str(status.get("alarms", ""))
    memory = status.get("memory")
    total = memory.get("total") if isinstance(memory, Mapping) else None
    used = total.get("rss") if isinstance(total, Mapping) else None
    return Node(
        name=next((str(item.get("node", "")) for item in mappings(status.get("listeners"))), ""),
        running=True,
        memory_used=used if isinstance(used, int) else None,
        memory_limit=_int(status.get("vm_memory_high_watermark_limit")),
        memory_alarm="memory" in alarms,
        disk_free=_int(status.get("disk_free")),
        disk_limit=_int(status.get("disk_free_limit")),
        disk_alarm="disk" in alarms,
    )


def _queues(sections: Mapping[str, str]) -> tuple[Queue, ...]:
    return tuple(
        Queue(
            vhost,
            str(item.get("name", "")),
            _int(item.get("messages")) or 0,
            _int(item.get("messages_ready")) or 0,
            _int(item.get("messages_unacknowledged")) or 0,
            _int(item.get("consumers")) or 0,
            _share(item.get("consumer_utilisation")),
            temporary=bool(item.get("auto_delete")) or bool(item.get("exclusive")),
        )
        for vhost, items in _by_vhost(sections, "queues")
        for item in items
    )


_Acts = Mapping[str, Mapping[str, int]]
"""Queue -> name of the act -> how often, over all channels."""


def _acts(section: str) -> tuple[float, _Acts] | None:
    """When it was, in seconds, and what was done until then; None when it was not told."""
    value = _value(section)
    moment = _int(value.get("ms"))
    if moment is None:
        return None
    found: dict[str, dict[str, int]] = {}
    for item in mappings(value.get("acts")):
        queue = found.setdefault(f"{item.get('vhost', '')}/{item.get('name', '')}", {})
        for name in ("deliver", "ack", "redeliver"):
            queue[name] = queue.get(name, 0) + (_int(item.get(name)) or 0)
    return moment / 1000, found


def _value(section: str) -> Mapping[str, Any]:
    """The mapping that an evaluation gave; an empty one for anything else."""
    answer = _json(section)
    value = answer.get("value") if isinstance(answer, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _rates(before: Mapping[str, int], after: Mapping[str, int], seconds: float) -> Rates:
    """A channel that was closed meanwhile takes its numbers with it: never less than nothing."""
    return Rates(**{name: max(0.0, (after[name] - before.get(name, 0)) / seconds) for name in after})


def _is_complete(sections: Mapping[str, str]) -> bool:
    told = [text for name, text in sections.items() if name.startswith(("queues ", "consumers ", "channels"))]
    return len(told) >= 3 and all(isinstance(_json(text), list) for text in told)


def _by_vhost(sections: Mapping[str, str], what: str) -> list[tuple[str, Sequence[Mapping[str, Any]]]]:
    return [
        (name[len(what) + 1 :], mappings(_json(text))) for name, text in sections.items() if name.startswith(f"{what} ")
    ]


def _sections(output: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in output.splitlines():
        if line.startswith("--"):
            current = found.setdefault(line[2:], [])
        else:
            current.append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def _peer(channel: str) -> str:
    match = _PEER.match(channel)
    return plain(match[1]) if match else ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _share(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _complaint(output: bytes) -> str:
    """The line that says what is wrong, which the whole of the usage follows; else the last one."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("Error")]
    return (errors or lines[-1:] or [""])[0][:300]
