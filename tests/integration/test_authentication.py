# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AU-1 to AU-6: each fault of authentication is told apart, and healed or escalated; no secret is ever given away."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab_record import LabRecord, kinds
from notified_people import CONTACTS, World
from pictures import picture, touched
from planted_secret import PlantedSecret, hits, shapes_of, tokens_in
from playbook_run import Play, PlaybookRun

from labtool.environment import SECRETS
from labtool.lab import Lab

PLAYBOOK = "remediate_authentication.yml"
EVERYBODY = {
    "ai-recommendation", "api-gateway", "compliance-monitor", "model-server", "notification-service",
    "reporting-service", "user-service",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A fault, a critical finding that tells of it, words of the root cause, the rungs that heal it and on whom."""

    fault: str
    finding: str
    cause: str
    action: str
    services: frozenset[str]

    def __str__(self) -> str:
        return self.fault


def case(fault: str, finding: str, cause: str, action: str, *services: str) -> Case:
    return Case(fault, finding, cause, action, frozenset(services))


CASES = (
    case(
        "auth-secret-verifier", "secret.odd_one_out", "reporting-service runs with another", "recreate",
        "reporting-service",
    ),
    case("auth-secret-issuer", "secret.odd_one_out", "user-service runs with another", "recreate", "user-service"),
    case(
        "auth-secret-two", "secret.odd_one_out", "compliance-monitor, reporting-service run with another", "recreate",
        "compliance-monitor", "reporting-service",
    ),
    case("auth-secret-newline", "secret.odd_one_out", "with a newline at its end", "recreate", "reporting-service"),
    case("auth-clock-ahead", "clock.skew", "2.0 h (± ", "recreate", "user-service"),
    case("auth-clock-behind", "clock.skew", "2.0 h (± ", "recreate", "user-service"),
    case("auth-short-lived", "token.lifetime", "user-service", "recreate", "user-service"),
    case("crash-stopped", "container.state", "has stopped", "start", "user-service"),
)  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def planted(running_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlantedSecret]:
    """A secret for the logs. When the session is over, neither it nor one of the lab's is in anything that was written:
    outputs, events, artifacts and records of all tests lie below one folder."""
    secret = PlantedSecret.random()
    yield secret
    variables = running_lab.variables()
    wanted = {name: shapes_of(variables[name]) for name in SECRETS}
    assert hits(tmp_path_factory.getbasetemp(), {**wanted, "planted": secret.shapes}) == []
    assert tokens_in(tmp_path_factory.getbasetemp()) == []


@pytest.fixture(autouse=True)
def talkative(lab: Lab, planted: PlantedSecret) -> None:
    """Two services whose logs are full of secrets."""
    for service in ("user-service", "reporting-service"):
        text = "\n".join(planted.lines) + "\n"
        lab.exec(service, "sh", "-c", "cat > /proc/1/fd/1", stdin=text.encode())


def critical(run: PlaybookRun) -> set[str]:
    """Return the ids of the critical findings about user-service, which issues the tokens."""
    found = run.artifact["findings"]
    return {one["id"] for one in found if one["status"] == "critical" and one["service"] == "user-service"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_is_told_apart_then_healed_and_a_second_run_changes_nothing(
    lab: Lab, play: Play, record: LabRecord, case: Case
) -> None:
    lab.inject(case.fault)
    broken = picture(lab)

    rehearsed = play(PLAYBOOK, "--check", "--diff")

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert case.finding in critical(rehearsed)
    assert case.cause in rehearsed.artifact["root_cause"]
    step = rehearsed.artifact["plan"]["steps"][0]
    assert (step["action"], frozenset(step["services"])) == (case.action, case.services)
    assert touched(broken, picture(lab)) == set()
    assert not record.was_written

    first = play(PLAYBOOK)

    assert (first.rc, first.ending, first.actions) == (0, "healed", [case.action]), first.output
    assert case.finding in critical(first)
    assert case.cause in first.artifact["root_cause"]
    assert touched(broken, picture(lab)) == case.services
    assert (record.only["state"], record.only["services"]) == ("resolved", ["user-service"])
    assert kinds(record.only) == ["opened", "intent", "outcome", "resolved"]

    healed = picture(lab)
    second = play(PLAYBOOK)

    assert (second.rc, second.ending, second.changed) == (0, "healthy", 0), second.output
    assert touched(healed, picture(lab)) == set()


def test_a_changed_secret_that_nobody_recorded_is_a_security_incident_until_it_is_rotated_by_approval(
    lab: Lab, play: Play, record: LabRecord, told: World
) -> None:
    people = {"incident_channels": told.channels("mail"), "incident_contacts": CONTACTS}
    who = [[CONTACTS["on_call_engineer"]["email"], CONTACTS["security_lead"]["email"]]]
    approved = {"remediation_approved_actions": ["rotate_secret"], **people}
    assert [play(PLAYBOOK).ending, play(PLAYBOOK).ending] == ["healthy", "healthy"]
    key = record.state_dir / "fingerprint.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    lab.inject("auth-secret-source")
    changed, before = picture(lab), lab.env_file.read_bytes()

    escalated = play(PLAYBOOK, **people)

    assert (escalated.rc, escalated.ending, escalated.actions) == (2, "refused", []), escalated.output
    assert escalated.artifact["root_cause"].startswith("SECURITY INCIDENT: the JWT_SECRET of the Compose files")
    assert touched(changed, picture(lab)) == set()
    assert lab.env_file.read_bytes() == before
    assert record.only["escalated"]
    assert "Compose files: was " in str(record.only["findings"])
    # What an approval by AWX needs is readable where people look for it.
    digest = escalated.artifact["plan"]["steps"][0]["digest"]
    assert f"with digest: {digest}" in str(record.only["timeline"])
    # The security lead hears of it at once, and not only when nobody responds.
    assert record.only["issue_type"] == "security_incident"
    assert [sorted(mail.recipients) for mail in told.smtp.mails] == who
    assert "needs a person" in told.smtp.mails[0].subject

    known = record.only
    rehearsed = play(PLAYBOOK, "--check", "--diff", **approved)

    assert (rehearsed.rc, rehearsed.ending, rehearsed.changed) == (2, "diagnosed", 0), rehearsed.output
    assert (record.only, touched(changed, picture(lab)), lab.env_file.read_bytes()) == (known, set(), before)
    assert [sorted(mail.recipients) for mail in told.smtp.mails] == who

    rotated = play(PLAYBOOK, **approved)

    assert (rotated.rc, rotated.ending, rotated.actions) == (0, "healed", ["rotate_secret"]), rotated.output
    assert touched(changed, picture(lab)) == EVERYBODY
    assert lab.env_file.read_bytes() != before
    assert stat.S_IMODE(lab.env_file.stat().st_mode) == 0o600
    (backup,) = backups(lab.env_file)
    assert (backup.read_bytes(), stat.S_IMODE(backup.stat().st_mode)) == (before, 0o600)
    backup.unlink()

    assert [sorted(mail.recipients) for mail in told.smtp.mails] == who * 2
    assert "resolved" in told.smtp.mails[1].subject

    again = play(PLAYBOOK, **people)

    assert (again.ending, again.changed, record.only["state"]) == ("healthy", 0, "resolved"), again.output
    assert len(told.smtp.mails) == 2


def backups(env_file: Path) -> list[Path]:
    return sorted(env_file.parent.glob(f"{env_file.name}.*.bak"))
