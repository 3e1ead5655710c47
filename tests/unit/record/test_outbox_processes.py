# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders that are killed at random moments, and senders at once: real processes, a real file, one receiver."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections import Counter
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from outbox_ticks import a_sender
from record_fakes import an_incident

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.notice import Kind
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record import (
    incident_table,
    notice_table,
    outbox,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.guard_lease import Platform
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.host import (
    LocalProcesses,
    SystemClock,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.message_table import Result
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.query import Query, find_incidents
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.record.store import Writer

FORK = multiprocessing.get_context("fork")
KILLS = 40
LEASE = 0.02


def platform_of(state_dir: Path) -> Platform:
    return Platform("shop", Writer(str(state_dir)), SystemClock(), LocalProcesses())


def open_incidents(state_dir: Path, count: int) -> None:
    platform = platform_of(state_dir)
    for number in range(count):
        incident = platform.record.run(partial(incident_table.add, incident=an_incident(services=(f"s{number}",))))
        now = platform.clock.now()
        platform.record.run(
            partial(notice_table.add, incident=incident.id, kind=Kind.OPENED, message="it hangs", now=now)
        )


def send_once(state_dir: Path, receiver: int, limit: int, lease: float = LEASE) -> int:
    """What a tick does: claim, send (one line into a pipe, which is one act that cannot be cut), complete."""
    platform = platform_of(state_dir)
    claimed = outbox.claim(platform, a_sender(limit=limit, lease=lease))
    results = []
    for message in claimed["messages"]:
        repeat = "repeat" if message["possible_repeat"] else "first"
        os.write(receiver, f"{message['key']} {repeat}\n".encode())
        results.append(Result(message["key"], sent=True))
    outbox.complete(platform, claimed["token"], results)
    return len(results)


def send_for_ever(state_dir: Path, receiver: int) -> None:
    while True:
        send_once(state_dir, receiver, limit=3)


def send_and_never_complete(state_dir: Path, receiver: int, sent: int) -> None:
    """What a tick has done when it is killed at the worst moment: the message is out, the record does not know it."""
    claimed = outbox.claim(platform_of(state_dir), a_sender(limit=1, lease=LEASE))
    os.write(receiver, f"{claimed['messages'][0]['key']} first\n".encode())
    os.write(sent, b"!")
    signal.pause()


def send_until_nothing_is_left(state_dir: Path, receiver: int) -> None:
    while send_once(state_dir, receiver, limit=2, lease=600):
        pass


def kill(sender: BaseProcess) -> None:
    os.kill(sender.pid or 0, signal.SIGKILL)
    sender.join()


def received(pipe: int) -> list[tuple[str, str]]:
    """The messages that came in, each as (key, first or repeat)."""
    with os.fdopen(pipe, encoding="ascii") as lines:
        return [(key, how) for key, _, how in (line.strip().partition(" ") for line in lines)]


def states(state_dir: Path) -> list[dict[str, object]]:
    found = find_incidents(str(state_dir), Query(limit=1000, full=True))
    return [message for incident in found for message in incident["notifications"]]


def test_no_message_is_lost_when_senders_are_killed_and_only_a_marked_one_comes_twice(tmp_path: Path) -> None:
    chance = random.Random(20260227)  # noqa: S311, moments to kill at, the same in each run
    state_dir = tmp_path / "state"
    open_incidents(state_dir, 60)
    reading, writing = os.pipe()
    # One is killed at the worst moment for certain: the random ones may all miss it on a busy machine.
    sent_reading, sent_writing = os.pipe()
    sender = FORK.Process(target=send_and_never_complete, args=(state_dir, writing, sent_writing))
    sender.start()
    os.close(sent_writing)
    assert os.read(sent_reading, 1) == b"!"
    os.close(sent_reading)
    kill(sender)
    for _unused in range(KILLS):
        sender = FORK.Process(target=send_for_ever, args=(state_dir, writing))
        sender.start()
        sender.join(chance.uniform(0.01, 0.08))
        kill(sender)
    while any(message["state"] != "sent" for message in states(state_dir)) or len(states(state_dir)) < 120:
        send_once(state_dir, writing, limit=100)
    os.close(writing)

    came = received(reading)
    # Sixty incidents of P2: e-mail and Slack each.
    assert len({key for key, _how in came}) == 120
    unmarked = Counter(key for key, how in came if how == "first")
    assert {key for key, count in unmarked.items() if count > 1} == set()
    marked = {str(message["key"]) for message in states(state_dir) if message["possible_repeat"]}
    assert marked
    assert {key for key, count in Counter(key for key, _how in came).items() if count > 1} <= marked


def test_senders_at_once_send_each_message_once(tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    open_incidents(state_dir, 20)
    reading, writing = os.pipe()
    senders = [FORK.Process(target=send_until_nothing_is_left, args=(state_dir, writing)) for _unused in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    os.close(writing)

    assert [sender.exitcode for sender in senders] == [0] * 4
    came = received(reading)
    assert len(came) == 40
    assert len(set(came)) == 40
    assert {how for _key, how in came} == {"first"}
