# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import (
    DockerCli,
    LogLine,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    SocketHttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import Container
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_facts import (
    Answer,
    PostgresFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.postgres_settings import (
    PostgresSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes import postgres
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.postgres import PostgresProbe

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "postgres"
NOW = 1_795_510_000.0
DB = Container("db-id", "shop-db-1", "db", state="running")
SECRET = "topsecretvalue"


def recorded(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def address_of(service_sessions: str) -> str:
    """The client's address in a recorded answer: it differs from one recording to the next."""
    return service_sessions.split('"address": "')[1].split('"')[0]


def context(runner: ScriptedRunner, container: Container | None = DB, **changes: Any) -> ServiceContext:
    fields: dict[str, Any] = {
        "service": "db",
        "containers": (container,) if container else (),
        "settings": ServiceSettings(postgres=changes.pop("postgres", PostgresSettings())),
        "docker": DockerCli(runner),
        "http": SocketHttpClient(),
        "redactor": Redactor([SECRET]),
        "thresholds": Thresholds(),
        "deadline": 5.0,
        "now": NOW,
        **changes,
    }
    return ServiceContext(**fields)


def look(*replies: tuple[str, Reply], **changes: Any) -> PostgresFacts:
    return PostgresProbe().probe(context(ScriptedRunner(*replies), **changes))


def test_a_healthy_server_is_read_from_one_call() -> None:
    runner = ScriptedRunner(("exec psql", recorded("healthy.stdout")))
    facts = PostgresProbe().probe(context(runner))
    assert len(runner.calls) == 1
    assert (facts.answer, facts.via, facts.error) == (Answer.OK, "exec", "")
    assert facts.server is not None
    assert (facts.server.version, facts.server.max_connections, facts.server.plain_slots) == (150018, 40, 37)
    assert facts.write.tried
    assert facts.write.error == ""
    assert [volume.path for volume in facts.volumes] == ["/var/lib/postgresql/data"]
    assert facts.queries.source == "pg_stat_statements"
    assert {table.full_name for table in facts.queries.tables} == {
        "public.events", "public.users", "public.compliance_checks",
    }  # fmt: skip


def test_a_leak_is_mapped_to_the_service_behind_the_address() -> None:
    output = recorded("slots_taken.stdout")
    caller = Container("r-id", "shop-r-1", "reports", state="running", addresses={"net": address_of(output)})
    facts = look(("exec psql", output), platform=(caller,))
    assert facts.slots_used == 37
    assert {(one.service, one.application, one.state) for one in facts.sessions} == {
        ("reports", "reporting-service-leak", "idle in transaction")
    }
    assert facts.to_data()["slots"] == {"used": 37, "max_connections": 40, "reserved": 3, "free": 0}
    assert facts.to_data()["by_service"] == {"reports": 37}


def test_a_lock_is_seen_with_its_waiters_and_without_values() -> None:
    facts = look(("exec psql", recorded("lock.stdout").replace("account = 7", f"account = '{SECRET}'")))
    waiting = [session for session in facts.sessions if session.blocked_by]
    assert len(waiting) == 2
    assert {session.statement for session in waiting} == {"SELECT count(*) FROM events WHERE account = ?"}
    assert SECRET not in str(facts.to_data())


def test_when_no_slot_is_left_the_titles_are_asked() -> None:
    titles = recorded("titles_slots_taken_by_superuser.txt")
    address = titles.split("agentfoundry agentfoundry ")[1].split("(")[0]
    caller = Container("r-id", "shop-r-1", "reports", state="running", addresses={"net": address})
    refused = answered(recorded("locked_out.stdout"), recorded("locked_out.stderr"), 2)
    facts = look(("exec psql", refused), ("top db-id", titles), platform=(caller,))
    assert (facts.answer, facts.by_titles, facts.slots_used) == (Answer.SLOTS_EXHAUSTED, True, 40)
    assert {session.service for session in facts.sessions} == {"reports"}
    assert facts.volumes, "the disk is measured although nobody can log in"


def test_a_ps_without_options_is_asked_plainly() -> None:
    refused = answered("", "FATAL:  sorry, too many clients already", 2)
    plain = "PID USER COMMAND\n12 postgres: app shop 10.0.0.3(5566) idle in transaction\n"
    facts = look(("exec psql", refused), ("top -eo", answered("", "ps: bad -o", 1)), ("top -o", plain))
    assert [session.pid for session in facts.sessions] == [12]


@pytest.mark.parametrize(
    "reply, answer",
    [
        (hung(), Answer.TIMED_OUT),
        (answered(stderr="Terminated", exit_code=124), Answer.TIMED_OUT),
        (answered(stderr="Error response from daemon: Container 3f is paused", exit_code=1), Answer.NOT_RUNNING),
        (answered(stderr="psql: not found", exit_code=127), Answer.NO_CLIENT),
        (OSError(2, "No such file or directory"), Answer.FAILED),
        (answered(stderr="Cannot connect to the Docker daemon", exit_code=1), Answer.FAILED),
    ],
)
def test_whatever_happens_is_a_fact_and_no_error(reply: Reply, answer: Answer) -> None:
    facts = look(("exec psql", reply))
    assert (facts.answer, facts.sessions) == (answer, ())


@pytest.mark.parametrize("state", ["exited", "paused", "restarting", "created"])
def test_a_container_that_does_not_run_is_not_asked(state: str) -> None:
    runner = ScriptedRunner()
    facts = PostgresProbe().probe(context(runner, Container("db-id", "db", "db", state=state)))
    assert (facts.state, facts.answer, runner.calls) == (state, Answer.NOT_RUNNING, [])


def test_a_write_is_not_tried_when_writing_probes_are_off() -> None:
    runner = ScriptedRunner(("exec psql", recorded("healthy.stdout").replace('write {"rows": 100}\n', "")))
    assert not PostgresProbe().probe(context(runner, writing=False)).write.tried


def test_a_failed_write_is_told_with_its_code() -> None:
    output = recorded("healthy.stdout").replace('write {"rows": 100}\n', "")
    stderr = "--activity\n--write\nERROR:  53100: could not extend file: No space left on device\n--queries\n"
    facts = look(("exec psql", answered(output, stderr)))
    assert (facts.answer, facts.write.code) == (Answer.OK, "53100")
    assert "No space left" in facts.write.error


def test_a_write_that_gave_no_answer_has_failed() -> None:
    output = recorded("healthy.stdout").replace('write {"rows": 100}\n', "")
    assert look(("exec psql", answered(output, "--write\n"))).write.error == "it gave no answer"


def test_an_answer_of_another_shape_is_told_and_hides_nothing_else() -> None:
    facts = look(("exec psql", "--psql\nactivity {}\n"))
    assert (facts.answer, facts.server) == (Answer.FAILED, None)
    assert facts.error == "its answer is of another shape than expected"


def test_recent_lines_of_the_log_are_classified_and_redacted() -> None:
    line = f'FATAL:  password authentication failed for user "{SECRET}"'
    log = (LogLine("2026-11-24T08:40:00Z", line), LogLine("2026-11-24T07:00:00Z", line))
    facts = look(("exec psql", recorded("healthy.stdout")), log=log, now=1_795_509_630.0)
    assert [(item.name, item.count) for item in facts.log] == [("authentication", 1)]
    assert SECRET not in str(facts.log)


def test_a_managed_server_is_asked_by_tcp_from_the_container_that_the_inventory_names() -> None:
    web = Container("web-id", "shop-web-1", "web", state="running")
    settings = PostgresSettings(host="db.example.com", client="web")
    runner = ScriptedRunner(("exec web-id", recorded("healthy.stdout")))
    facts = PostgresProbe().probe(context(runner, None, postgres=settings, platform=(web,)))
    assert (facts.state, facts.answer, facts.via) == ("managed", Answer.OK, "tcp from web")
    assert "db.example.com" in runner.calls[0]


def test_a_managed_server_is_asked_from_the_host_where_nothing_else_is_said() -> None:
    runner = ScriptedRunner(("sh", recorded("healthy.stdout")))
    facts = PostgresProbe().probe(context(runner, None, postgres=PostgresSettings(host="db.example.com")))
    assert (facts.via, runner.calls[0][0]) == ("tcp from the host", "sh")


@pytest.mark.parametrize(
    "others",
    [
        (),
        (Container("web-id", "shop-web-1", "web", state="exited"),),
        (Container("job-id", "shop-job-1", "job", state="running"),),
    ],
    ids=["nobody", "a stopped one", "another one"],
)
def test_a_client_that_does_not_run_is_told(others: tuple[Container, ...]) -> None:
    facts = look(container=None, postgres=PostgresSettings(host="db.example.com", client="web"), platform=others)
    assert facts.answer is Answer.FAILED
    assert "postgres.client" in facts.error


def test_a_password_file_that_cannot_be_read_is_told_by_its_name(tmp_path: Path) -> None:
    facts = look(postgres=PostgresSettings(password_file=str(tmp_path / "absent")))
    assert "postgres.password_file" in facts.error
    assert "No such file" in facts.error


def test_the_port_is_looked_at_only_where_somebody_depends_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def look_at_port(address: str, port: int, *, deadline: float) -> str:
        asked.append((address, port))
        return "refused"

    monkeypatch.setattr(postgres, "look_at_port", look_at_port)
    server = replace(DB, addresses={"net": "10.0.0.2"})
    caller = Container("web-id", "shop-web-1", "web", state="running", addresses={"net": "10.0.0.3"})
    inside = replace(caller, addresses={})
    by_socket = replace(caller, mounts={"/sockets": "shop_sockets"})
    on_the_host = replace(caller, addresses={"host": ""})
    healthy = ("exec psql", recorded("healthy.stdout"))
    assert look(healthy, container=server).port == "unknown"
    assert look(healthy, container=server, callers=(inside,)).port == "unknown", "it shares the server's network"
    shared = replace(server, mounts={"/var/run/postgresql": "shop_sockets"})
    assert look(healthy, container=shared, callers=(by_socket,)).port == "unknown", "it shares the server's socket"
    assert asked == []
    assert look(healthy, container=shared, callers=(by_socket, caller)).port == "refused"
    assert look(healthy, container=server, callers=(on_the_host,)).port == "refused"
    asked.clear()
    assert look(healthy, container=server, callers=(caller,)).port == "refused"
    assert look(healthy, container=DB, callers=(caller,)).port == "unknown", "it has no address"
    assert asked == [("10.0.0.2", 5432)]


LISTENING = (
    'configuration {"settings": {}, "listening": {"addresses": "localhost", "file": "/\\u001b[1m' + SECRET + '"}}\n'
)


def test_where_the_server_listens_comes_with_the_same_call_and_is_cleaned() -> None:
    runner = ScriptedRunner(("exec psql", recorded("healthy.stdout") + LISTENING))
    facts = PostgresProbe().probe(context(runner))
    assert len(runner.calls) == 1
    assert facts.configuration is not None
    assert facts.configuration.listening is not None
    assert facts.configuration.listening.addresses == "localhost"
    assert SECRET not in str(facts.to_data())
    assert "\x1b" not in str(facts.configuration)


@pytest.mark.parametrize(
    "server, caller, reached_from",
    [
        ({"net": "10.0.0.2"}, {"net": "10.0.0.3"}, ("web",)),
        ({"net": "10.0.0.2"}, {"host": ""}, ()),
        ({"net": "10.0.0.2"}, {}, ()),
        ({"host": ""}, {"net": "10.0.0.3"}, ()),
    ],
    ids=[
        "over the network",
        "the caller is on the host",
        "the caller shares its network",
        "the server has that of the host",
    ],
)
def test_who_comes_over_the_network_is_known(
    monkeypatch: pytest.MonkeyPatch, server: dict[str, str], caller: dict[str, str], reached_from: tuple[str, ...]
) -> None:
    monkeypatch.setattr(postgres, "look_at_port", lambda *_args, **_options: "unknown")
    web = Container("web-id", "shop-web-1", "web", state="running", addresses=caller)
    healthy = ("exec psql", recorded("healthy.stdout"))
    assert look(healthy, container=replace(DB, addresses=server), callers=(web,)).reached_from == reached_from


@pytest.mark.parametrize("protected", [{"protected_applications": ("reporting",)}, {"protected_users": ("app",)}])
def test_what_the_inventory_protects_bears_its_reason(protected: dict[str, Any]) -> None:
    facts = look(("exec psql", recorded("slots_taken.stdout")), postgres=PostgresSettings(**protected))
    assert {one.protected.split(" the ")[0] for one in facts.sessions} == {"the inventory protects"}


def test_a_declared_standby_is_not_written_to() -> None:
    runner = ScriptedRunner(("exec psql", recorded("healthy.stdout").replace('write {"rows": 100}\n', "")))
    facts = PostgresProbe().probe(context(runner, postgres=PostgresSettings(standby=True)))
    assert (facts.standby, facts.write.tried) == (True, False)


@pytest.mark.parametrize(
    "output",
    [
        "--psql\nactivity [1]\n",
        "--psql\nactivity {\n",
        '--psql\nactivity {"version": "new"}\n',
        "--psql\n<html>502</html>\n",
        "\x00\xff\n",
        "",
    ],
    ids=["a list", "cut off", "half of it", "a page", "no text", "nothing"],
)
def test_garbage_is_an_answer_of_another_shape(output: str) -> None:
    facts = look(("exec psql", output))
    assert (facts.answer, facts.server, facts.sessions) == (Answer.FAILED, None, ())
    assert facts.error == "its answer is of another shape than expected"


def test_titles_that_cannot_be_read_leave_the_slots_exhausted() -> None:
    refused = answered("", "FATAL:  sorry, too many clients already", 2)
    facts = look(("exec psql", refused), ("top", hung()))
    assert (facts.answer, facts.by_titles, facts.sessions) == (Answer.SLOTS_EXHAUSTED, True, ())


def test_titles_are_not_looked_for_on_a_managed_server() -> None:
    runner = ScriptedRunner(("sh", answered("", "FATAL:  sorry, too many clients already", 2)))
    facts = PostgresProbe().probe(context(runner, None, postgres=PostgresSettings(host="db.example.com")))
    assert (facts.answer, facts.by_titles) == (Answer.SLOTS_EXHAUSTED, False)
    assert not [call for call in runner.calls if "top" in call]


def test_the_report_of_another_probe_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError):
        PostgresProbe().judge(context(ScriptedRunner()), cast(KindReport, object()))
