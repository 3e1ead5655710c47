# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DB-2 and DB-6: PostgreSQL is well and still cannot be used. It is not restarted in vain, and the reason is told."""

from __future__ import annotations

from lab_record import LabRecord, kinds
from pictures import picture, touched
from playbook_run import Play, PlaybookRun
from rehearsal import assert_check_only_tells

from labtool.lab import Lab

PLAYBOOK = "remediate_database_connection.yml"
CRASH = "remediate_service_crash.yml"


def told_and_left_alone(lab: Lab, play: Play, record: LabRecord, fault: str) -> PlaybookRun:
    """Inject the fault, see that the database's playbook plans and does nothing about it, and return its run."""
    lab.inject(fault)
    before = picture(lab)

    rehearsed = assert_check_only_tells(PLAYBOOK, lab, play, record)

    assert rehearsed.artifact["plan"]["steps"] == []

    told = play(PLAYBOOK)

    assert (told.rc, told.ending, told.actions) == (2, "escalated", []), told.output
    assert kinds(record.only) == ["opened", "escalated"]
    assert touched(before, picture(lab)) == set()
    return told


def test_one_that_listens_on_localhost_only_is_restarted_only_when_its_configuration_was_changed(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    told_and_left_alone(lab, play, record, "db-local-only")

    assert "postgres listens on localhost only" in record.only["root_cause"]
    assert "Set listen_addresses to '*'" in record.only["root_cause"]

    before = picture(lab)
    lab.psql("ALTER SYSTEM SET listen_addresses = '*'")
    lab.psql("SELECT pg_reload_conf()")
    healed = play(PLAYBOOK)

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["restart"]), healed.output
    assert "which only a restart loads" in healed.artifact["root_cause"]
    assert touched(before, picture(lab)) == {"postgres"}

    second = play(PLAYBOOK)

    assert (second.rc, second.ending, second.actions, second.changed) == (0, "healthy", [], 0), second.output


def test_a_service_with_a_wrong_password_of_its_own_is_named_and_the_database_is_left_alone(
    lab: Lab, play: Play, record: LabRecord
) -> None:
    told = told_and_left_alone(lab, play, record, "db-service-password")

    cause = record.only["root_cause"]
    assert cause.startswith("postgres refuses the password of reporting-service for user app; other services")
    assert "Recreate reporting-service from the Compose files" in cause
    assert "not-the-password" not in told.output

    before = picture(lab)
    healed = play(CRASH, service_crash_services=["reporting-service"])

    assert (healed.rc, healed.ending, healed.actions) == (0, "healed", ["recreate"]), healed.output
    assert touched(before, picture(lab)) == {"reporting-service"}

    second = play(PLAYBOOK)

    assert (second.rc, second.ending, second.actions) == (0, "healthy", []), second.output
