# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_broker import recorded
from local_container import LocalContainer, path_of
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.rabbitmq_ctl import (
    CtlAnswer,
    RabbitmqCtl,
    read_again,
    read_ctl,
    read_limit,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rabbitmq_facts import (
    Queue,
    QueueConsumer,
    Rates,
)

LOOK, AGAIN = recorded("ctl_look.stdout").decode(), recorded("ctl_again.stdout").decode()
NOTIFICATIONS = Queue("/", "notifications", 5000, 4950, 50, consumers=1)


def ctl(said: Reply) -> RabbitmqCtl:
    return RabbitmqCtl(DockerCli(ScriptedRunner(("exec", said))), "c", seconds=5.0)


def test_one_exec_tells_of_node_queues_and_consumers() -> None:
    runner = ScriptedRunner(("exec", LOOK))
    found = RabbitmqCtl(DockerCli(runner), "c", seconds=5.0).look(deadline=15.0)
    assert len(runner.calls) == 1
    assert (found.alive, found.error, found.version) == (True, "", "3.10.8")
    (node,) = found.nodes
    assert (node.name, node.running, node.memory_limit, node.memory_alarm) == (
        "rabbit@rabbitmq", True, 256_000_000, False,
    )  # fmt: skip
    queues = {queue.name: queue for queue in found.queues}
    assert replace(queues["notifications"], capacity=None) == replace(NOTIFICATIONS, dead_letter=False)
    assert found.guest is True
    assert {(one.queue, one.prefetch, one.address.split(".")[0]) for one in found.consumers} == {
        ("notifications", 50, "172"), ("compliance-checks", 50, "172"),
    }  # fmt: skip


def test_a_runtime_without_its_broker_is_alive_and_tells_why_it_does_not_run() -> None:
    usage = "Error: this command requires the 'rabbit' app to be running.\nArguments given:\n\nUsage\n\nrabbitmqctl ..."
    found = ctl(answered(recorded("ctl_stopped_app.stdout"), usage)).look(deadline=15.0)
    assert found == CtlAnswer(True, "Error: this command requires the 'rabbit' app to be running.")


@pytest.mark.parametrize(
    "said, error",
    [
        (hung(15.0), "it did not answer in time"),
        (answered(stderr="OCI runtime exec failed: no shell", exit_code=127), "OCI runtime exec failed: no shell"),
        (answered("--status\n\n--ping\n", "Error: unable to connect to node"), "Error: unable to connect to node"),
        (answered("garbage \x00 \xff"), "it told nothing of its state"),
        (answered('--status\n"a text"\n'), "it told nothing of its state"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_not_alive(said: Reply, error: str) -> None:
    assert ctl(said).look(deadline=15.0) == CtlAnswer(False, error)


@pytest.mark.parametrize(
    "cut", ["--channels", "--queues", "--consumers", '{"name":"compliance-checks","messages"'], ids=str
)
def test_an_answer_that_breaks_off_is_not_taken_for_empty_queues(cut: str) -> None:
    found = read_ctl(LOOK[: LOOK.index(cut)])
    assert (found.alive, found.error) == (True, "it did not tell of all its queues")
    assert read_ctl(LOOK[: LOOK.index(cut)], "timed out").error == "timed out"


def look_with(**changes: Any) -> str:
    status = json.loads(LOOK.split("\n")[1])
    return LOOK.replace(LOOK.split("\n")[1], json.dumps({**status, **changes}))


def about(told: str, value: object) -> str:
    """The same output with another answer to what no command lists."""
    (line,) = (line for line in told.splitlines() if '"loopback"' in line)
    return told.replace(line, json.dumps({"result": "ok", "value": value}))


EVERYWHERE, NEAR = {"interface": "[::]", "protocol": "amqp"}, {"interface": "127.0.0.1", "protocol": "amqp"}
CLUSTERING = {"interface": "[::]", "protocol": "clustering"}


@pytest.mark.parametrize(
    "value, listeners, guest",
    [
        ({"guest": "ok", "loopback": []}, [EVERYWHERE], True),
        ({"guest": "ok", "loopback": ["other"]}, [NEAR, EVERYWHERE], True),
        ({"guest": "ok", "loopback": ["guest"]}, [EVERYWHERE], False),
        ({"guest": "ok", "loopback": []}, [NEAR, CLUSTERING], False),
        ({"guest": "refused", "loopback": []}, [EVERYWHERE], False),
        # not tried, not told, or of another shape
        ({"loopback": []}, [EVERYWHERE], None),
        ({"guest": "ok"}, [EVERYWHERE], None),
        ("Error", [EVERYWHERE], None),
        (
            {"guest": ["ok"], "loopback": "guest", "queues": [{"vhost": [], "name": {}, "kept": True}]},
            [EVERYWHERE],
            None,
        ),
        ({"guest": ["ok"], "loopback": [{}], "queues": 7}, [EVERYWHERE], False),
    ],
)
def test_the_default_user_is_good_from_outside_when_his_password_is_and_nothing_keeps_him_to_the_loopback(
    value: Any, listeners: list[dict[str, str]], guest: bool | None
) -> None:
    assert read_ctl(about(look_with(listeners=listeners), value)).guest is guest


@pytest.mark.parametrize("told, dead_letter", [(True, True), (False, False), (None, None)])
def test_whether_another_queue_keeps_what_is_refused_is_told_or_not_seen(
    told: bool | None, dead_letter: bool | None
) -> None:
    rows = [] if told is None else [{"vhost": "/", "name": "notifications", "kept": told}]
    queues = {queue.name: queue for queue in read_ctl(about(LOOK, {"queues": rows})).queues}
    assert queues["notifications"].dead_letter is dead_letter
    assert queues["compliance-checks"].dead_letter is None


def test_the_default_credentials_are_tried_only_when_they_may_be() -> None:
    runner = ScriptedRunner(("exec", LOOK))
    asked = RabbitmqCtl(DockerCli(runner), "c", seconds=5.0)
    asked.look(deadline=15.0)
    asked.look(deadline=15.0, guest=True)
    assert ["check_user_pass_login" in " ".join(call) for call in runner.calls] == [False, True]


def test_alarms_are_read() -> None:
    alarms = [{"node": "rabbit@rabbitmq", "resource": "memory", "type": "resource_limit"},
              {"node": "rabbit@rabbitmq", "resource": "disk", "type": "resource_limit"}]  # fmt: skip
    (node,) = read_ctl(look_with(alarms=alarms)).nodes
    assert (node.memory_alarm, node.disk_alarm) == (True, True)


@pytest.mark.parametrize("changes", [{"memory": None}, {"memory": {"total": 7}}, {"listeners": None, "alarms": None}])
def test_a_status_of_another_shape_still_tells_the_rest(changes: dict[str, Any]) -> None:
    (node,) = read_ctl(look_with(**changes)).nodes
    assert node.running
    assert node.memory_limit == 256_000_000


def test_a_consumer_without_its_channel_has_no_address() -> None:
    text = LOOK[: LOOK.index("--channels")] + "--channels\n[]\n\n" + LOOK[LOOK.index("--queues") :]
    assert {one.address for one in read_ctl(text).consumers} == {""}


def test_every_virtual_host_is_read() -> None:
    other = '\n--queues shop\n[{"name":"jobs","messages":3}]\n--consumers shop\n[{"queue_name":"jobs"}]\n'
    found = read_ctl(LOOK + other)
    assert Queue("shop", "jobs", 3, 0, 0) in found.queues
    assert QueueConsumer("shop", "jobs", "") in found.consumers


def again(before: object, after: object) -> tuple[Queue, ...]:
    def section(name: str, value: object) -> str:
        return f"--{name}\n" + json.dumps({"result": "ok", "value": value}) + "\n"

    queues = '--queues /\n[{"name":"jobs","messages":90}]\n'
    return read_again(section("before", before) + queues + section("after", after))


def acts(seconds: float, *rows: tuple[int, int, int]) -> dict[str, Any]:
    names = ("deliver", "ack", "redeliver")
    told = [{"vhost": "/", "name": "jobs", **dict(zip(names, row, strict=True))} for row in rows]
    return {"ms": int(seconds * 1000), "acts": told}


def test_the_recorded_second_look_tells_counts_and_rates() -> None:
    found = {queue.name: queue for queue in read_again(AGAIN)}
    assert found["notifications"] == replace(NOTIFICATIONS, consumers=0, rates=Rates())


@pytest.mark.parametrize(
    "before, after, rates",
    [
        (acts(10, (100, 90, 0)), acts(12, (140, 130, 10)), Rates(deliver=20.0, ack=20.0, redeliver=5.0)),
        # several channels of one queue
        (acts(10, (5, 5, 0), (5, 5, 0)), acts(12, (15, 5, 0), (15, 15, 0)), Rates(deliver=10.0, ack=5.0)),
        # a channel that was opened meanwhile, and one that was closed
        (acts(10), acts(12, (4, 2, 0)), Rates(deliver=2.0, ack=1.0)),
        (acts(10, (100, 90, 0)), acts(12, (4, 2, 0)), Rates()),
        (acts(10, (100, 90, 0)), acts(12), Rates()),
        # nothing can be told
        (acts(10), acts(10), None),
        ("no", acts(12), None),
        ({"acts": []}, acts(12), None),
    ],
)
def test_rates_are_those_between_two_readings_of_the_channels(before: Any, after: Any, rates: Rates | None) -> None:
    (queue,) = again(before, after)
    assert (queue.messages, queue.rates) == (90, rates)


def test_a_second_look_that_is_cut_short_tells_what_it_has() -> None:
    assert read_again("") == ()
    (_first, second) = read_again(AGAIN[: AGAIN.index("--after")])
    assert second.rates is None


@pytest.mark.parametrize(
    "output, words, size",
    [
        ('{{ok,{absolute,"256MB"}},25000000000}\n', "absolute 256MB", 256 * 10**6),
        ("{{ok,{absolute,268435456}},25000000000}\n", "absolute 268435456", 1 << 28),
        ('{{ok,{absolute,"2 GiB"}},25000000000}\n', "absolute 2GiB", 2 << 30),
        ("{{ok,0.4},1000000000}\n", "0.4", 400_000_000),
        ("{{ok,1.0},1000000000}\n", "1", 1_000_000_000),
        ("{{ok,6.0e-1},1000000000}\n", "", None),
        ('{{ok,{absolute,"256 parsecs"}},1}\n', "", None),
        ("undefined\n", "", None),
        ("", "", None),
    ],
)
def test_the_configured_limit_is_read_as_rabbitmqctl_takes_it(output: str, words: str, size: int | None) -> None:
    assert read_limit(output) == (words, size)
    assert ctl(output).configured_limit(deadline=5.0) == (words, size)


def test_a_limit_is_set_in_the_words_of_the_configuration_and_what_went_wrong_is_told() -> None:
    runner = ScriptedRunner(("exec", ""))
    assert RabbitmqCtl(DockerCli(runner), "c", seconds=5.0).set_limit("absolute 256MB", deadline=5.0) == ""
    assert runner.calls[0][-3:] == ("set_vm_memory_high_watermark", "absolute", "256MB")
    assert (
        ctl(answered(stderr="Error: nodedown\nUsage", exit_code=69)).set_limit("0.4", deadline=5.0) == "Error: nodedown"
    )
    assert ctl(answered(exit_code=137)).set_limit("0.4", deadline=5.0) == "exit code 137"


@pytest.mark.parametrize("said", [answered(exit_code=1), "no JSON", "[]", '{"vm_memory_high_watermark_limit": "much"}'])
def test_a_limit_that_is_not_told_is_none(said: Reply) -> None:
    assert ctl(said).present_limit(deadline=5.0) is None


# The scripts themselves, with a rabbitmqctl that says what it was asked, and reads what it is given.

CTL = """#!/bin/sh
cat >/dev/null
for last; do :; done
case "$*" in
  *status*) echo '{"rabbitmq_version": "9"}' ;;
  *list_vhosts*) printf '/\nshop floor\n' ;;
  *list_queues*) echo '[{"name": "jobs", "messages": 3}]' ;;
  *loopback*) echo '{"result": "ok", "value": {"queues": [{"vhost": "/", "name": "jobs", "kept": true}]}}' ;;
  *eval*) echo '{"result": "ok", "value": {"ms": 1, "acts": []}}' ;;
  *) echo '[]' ;;
esac
"""


def test_the_scripts_ask_for_every_virtual_host_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "rabbitmqctl").write_text(CTL)
    (tmp_path / "rabbitmqctl").chmod(0o755)
    path = path_of(tmp_path / "bin", ("sh", "cat", "printf", "timeout"), rabbitmqctl=str(tmp_path / "rabbitmqctl"))
    found = RabbitmqCtl(DockerCli(LocalContainer(path)), "c", seconds=5.0)
    looked = found.look(deadline=15.0)
    assert (looked.error, looked.version) == ("", "9")
    counted = (Queue("/", "jobs", 3, 0, 0), Queue("shop floor", "jobs", 3, 0, 0))
    assert looked.queues == (replace(counted[0], dead_letter=True), counted[1])
    assert found.again(["/", "shop floor"], deadline=15.0) == counted


def test_a_container_without_rabbitmqctl_tells_so(tmp_path: Path) -> None:
    path = path_of(tmp_path / "bin", ("sh", "timeout"))
    found = RabbitmqCtl(DockerCli(LocalContainer(path)), "c", seconds=5.0).look(deadline=15.0)
    assert not found.alive
    assert "rabbitmq" in found.error
