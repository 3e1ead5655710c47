# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest
from compliance import RABBITMQ, WORK, Estate, controls, seen

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.history import changes, trend
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.judge import judge_controls
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.junit import junit_xml
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.metrics import prometheus_text
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import ROLES
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.plot import trend_svg
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.report import (
    THRESHOLDS,
    compliance_report,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.sarif import sarif_log
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.table import compliance_table
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.version import VERSION
from checkout import ROOT, load_yaml

AT = "2026-02-27T13:46:40Z"
WORSE = Estate(web={"privileged": True, "image": "web:latest", "memory_limit": None}, log={"limit": ""})
WAIVER = {"control": "image.pinned", "owner": "ada", "reason": "no mirror", "expires": "2026-03-01"}


def report(estate: Estate = WORSE, fail_on: str = "high", earlier: Any = (), **asked: Any) -> dict[str, Any]:
    before = seen(estate, **asked)
    results = judge_controls(controls(), before)
    return compliance_report(results, before, host="docker-1", at=AT, fail_on=fail_on, earlier=earlier)


def run(at: str, **results: str) -> dict[str, Any]:
    return {"at": at, "results": {name.replace("_", "."): status for name, status in results.items()}}


EARLIER = [
    run("2026-02-25T00:00:00Z", container_privileged="pass", disk_headroom="fail", broker_guest="fail"),
    run("2026-02-26T00:00:00Z", container_privileged="unknown", disk_headroom="unknown", broker_guest="fail"),
]


def test_what_changed_is_told_by_what_was_last_known() -> None:
    now = {"container.privileged": "fail", "disk.headroom": "pass", "broker.guest": "fail", "image.pinned": "unknown"}

    assert changes(now, EARLIER) == {
        "since": "2026-02-26T00:00:00Z",
        "newly_failing": ["container.privileged"],
        "fixed": ["disk.headroom"],
        "newly_unknown": ["image.pinned"],
    }


def test_one_look_without_an_answer_makes_nothing_new() -> None:
    before = [run("1", disk_headroom="fail"), run("2", disk_headroom="unknown")]

    assert changes({"disk.headroom": "fail"}, before)["newly_failing"] == []


def test_what_is_waived_now_is_not_fixed() -> None:
    assert changes({"disk.headroom": "waived"}, [run("1", disk_headroom="fail")])["fixed"] == []


def test_nothing_is_new_at_the_first_run() -> None:
    nothing: dict[str, Any] = {"since": None, "newly_failing": [], "fixed": [], "newly_unknown": []}
    assert changes({"disk.headroom": "fail"}, []) == nothing


def test_the_trend_ends_with_this_run() -> None:
    found = trend({"a.b": "pass", "a.c": "fail"}, AT, EARLIER)

    assert [one["at"] for one in found] == ["2026-02-25T00:00:00Z", "2026-02-26T00:00:00Z", AT]
    assert (found[0]["fail"], found[1]["unknown"], found[2]["pass"]) == (2, 2, 1)


@pytest.mark.parametrize(
    "fail_on, failing",
    [
        ("critical", set()),
        ("high", {"container.privileged", "log.rotation"}),
        ("medium", {"container.privileged", "log.rotation", "image.pinned", "container.memory_limit"}),
        ("never", set()),
    ],
)
def test_a_run_fails_from_the_severity_on_that_was_asked_for(fail_on: str, failing: set[str]) -> None:
    told = report(fail_on=fail_on)

    assert set(told["failing"]) == failing
    assert told["passes"] is not bool(failing)


def test_what_cannot_be_told_fails_a_run_like_what_fails() -> None:
    assert "database.headroom" in report(Estate(postgres=None))["failing"]


def test_the_roles_of_failing_controls_come_once_each_in_a_fixed_order() -> None:
    several = Estate(log={"limit": ""}, web={"state": "exited", "exit_code": 1}, crashes=Estate().crashes)

    assert report(several)["roles"] == ["disk_space", "service_crash"]
    assert report(Estate())["roles"] == []
    assert {control.role for control in controls() if control.role} <= set(ROLES)


def test_a_control_that_is_waived_is_not_remediated() -> None:
    excused = [{**WAIVER, "control": "log.rotation"}]

    assert report(waivers=excused)["roles"] == []


def test_the_table_ends_with_the_worst_what_to_do_and_what_changed() -> None:
    lines = [line.text for line in compliance_table(report(earlier=EARLIER, waivers=[WAIVER]))]
    text = "\n".join(lines)

    assert lines[0] == "Compliance: shop on docker-1"
    assert "Waived by ada until 2026-03-01: no mirror" in text
    assert "log.rotation: log-opts max-size" in text
    assert "ansible-playbook playbooks/remediate_disk_space.yml" in text
    news = "newly failing since 2026-02-26T00:00:00Z: container.memory_limit, container.privileged, log.rotation"
    assert sorted(news.split()) == sorted(next(line for line in lines if "newly failing" in line).split())
    assert "fixed since 2026-02-26T00:00:00Z: broker.guest, disk.headroom" in text
    assert lines[-1].startswith("  not compliant: 3 fail, 1 waived, ")
    statuses = [line.split()[0] for line in lines if line.split()[0] in ("pass", "n/a", "waived", "fail")]
    assert statuses == sorted(statuses, key=["n/a", "pass", "waived", "fail"].index)


def test_the_table_may_leave_out_what_is_well() -> None:
    lines = [line.text for line in compliance_table(report(), "problems")]

    assert not [line for line in lines if line.startswith("  pass")]
    assert [line for line in lines if line.startswith("  fail")]
    assert compliance_table(report(), "none") == []


def test_a_history_that_cannot_be_kept_is_said() -> None:
    told = {**report(), "history_error": "The disk of the state directory is full."}

    assert "this run is not kept: The disk" in "\n".join(line.text for line in compliance_table(told))


def test_what_a_service_says_steers_no_terminal() -> None:
    hostile = Estate(web={"image": "web:\x1b[31mlatest", "privileged": True})

    assert "\x1b" not in "".join(line.text for line in compliance_table(report(hostile)))


def test_junit_has_one_case_for_each_control() -> None:
    document = ElementTree.fromstring(junit_xml(report(waivers=[WAIVER])))  # noqa: S314 - our own document

    assert document.get("tests") == str(len(controls()))
    assert (document.get("failures"), document.get("errors")) == ("3", "0")
    case = next(one for one in document.iter("testcase") if one.get("classname") == "compliance.log.rotation")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "high"
    assert "fix: log-opts" in str(failure.text)
    excused = next(one for one in document.iter("testcase") if one.get("classname") == "compliance.image.pinned")
    assert "Waived by ada" in str(excused.find("skipped").get("message"))  # type: ignore[union-attr]


def test_metrics_tell_each_control_the_counts_and_when_a_waiver_ends() -> None:
    told = prometheus_text(report(waivers=[WAIVER, {**WAIVER, "expires": "2026-03-05"}]), at=1772200000.0)

    name, labels = "incident_response_compliance", 'host="docker-1",platform="shop"'
    assert f'{name}_control_status{{control="log.rotation",{labels},severity="high"}} 4' in told
    assert f'{name}_control_status{{control="image.pinned",{labels},severity="medium"}} 2' in told
    assert f'{name}_controls{{{labels},status="fail"}} 3' in told
    assert f'{name}_failing_controls{{{labels},severity="high"}} 2' in told
    assert f"{name}_passes{{{labels}}} 0" in told
    # 2026-03-02T00:00:00Z, the end of the earlier one.
    assert f'{name}_waiver_expires_timestamp_seconds{{control="image.pinned",{labels}}} 1772409600' in told
    assert f"{name}_timestamp_seconds{{{labels}}} 1772200000" in told
    series = [line.rpartition(" ")[0] for line in told.splitlines() if not line.startswith("#")]
    assert len(set(series)) == len(series)


@pytest.fixture(scope="module")
def schema() -> Any:
    text = (ROOT / "tests" / "fixtures" / "sarif" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(json.loads(text))


@pytest.mark.parametrize(
    "told",
    [
        report(),
        report(Estate()),
        report(Estate(engine_answers=False)),
        report(earlier=EARLIER, waivers=[WAIVER]),
        report(Estate(web={"image": "a b:\u2028latest%"})),
    ],
    ids=["failing", "compliant", "no engine", "with history and waiver", "odd characters"],
)
def test_sarif_is_valid_by_its_schema(schema: Any, told: dict[str, Any]) -> None:
    log = json.loads(json.dumps(sarif_log(told, VERSION)))

    assert [error.message for error in schema.iter_errors(log)] == []


def test_the_schema_refuses_what_is_no_sarif(schema: Any) -> None:
    log = sarif_log(report(), VERSION)
    log["runs"][0]["results"][0]["kind"] = "good"

    assert not schema.is_valid(log)


def test_sarif_tells_what_is_new_what_is_excused_and_what_cannot_be_told() -> None:
    told = report(Estate(web=WORSE.web, postgres=None), earlier=EARLIER, waivers=[WAIVER])
    (run_told,) = sarif_log(told, VERSION)["runs"]
    rules = run_told["tool"]["driver"]["rules"]
    found = {(one["ruleId"], one["kind"]): one for one in run_told["results"]}

    failing = found["container.privileged", "fail"]
    assert (failing["level"], failing["baselineState"]) == ("error", "new")
    assert rules[failing["ruleIndex"]]["id"] == "container.privileged"
    (excuse,) = found["image.pinned", "fail"]["suppressions"]
    assert (excuse["status"], excuse["justification"]) == ("accepted", "no mirror (ada, until 2026-03-01)")
    assert found["database.headroom", "open"]["level"] == "none"
    assert found["disk.headroom", "pass"]["level"] == "none"
    prints = [one["partialFingerprints"]["control/v1"] for one in run_told["results"]]
    assert len(set(prints)) == len(prints)


def test_a_result_bears_the_same_fingerprint_though_what_was_measured_differs() -> None:
    def prints(used: int, *queues: str) -> list[str]:
        broker = replace(RABBITMQ, queues=tuple(replace(WORK, name=name, dead_letter=False) for name in queues))
        (told,) = sarif_log(report(Estate(used=used << 20, rabbitmq=broker)), VERSION)["runs"]
        mine = ("container.memory", "broker.dead_letters")
        return [one["partialFingerprints"]["control/v1"] for one in told["results"] if one["ruleId"] in mine]

    assert prints(95, "mails", "checks") == prints(96, "mails", "checks")
    assert len(set(prints(95, "mails", "checks"))) == len(prints(95, "mails", "checks")) == 8


def test_the_trend_is_a_picture_that_is_xml_and_tells_its_content() -> None:
    picture = ElementTree.fromstring(trend_svg(report(earlier=EARLIER)["trend"]))  # noqa: S314 - our own document

    assert picture.get("role") == "img"
    assert len(picture.findall("g")) == 3
    words = picture.findtext("desc") or ""
    assert words.startswith("From 2026-02-25T00:00:00Z (2 fail, 1 pass) to 2026-02-27T13:46:40Z (4 fail")


def test_many_runs_stay_within_the_picture() -> None:
    picture = ElementTree.fromstring(trend_svg(trend({"a.b": "fail"}, AT, EARLIER * 60)))  # noqa: S314
    edges = [float(part.get("x", 0)) + float(part.get("width", 0)) for part in picture.iter("rect")]

    assert max(edges) <= 600


def test_there_is_no_picture_of_nothing() -> None:
    assert trend_svg([]) == ""


def test_the_thresholds_and_the_version_are_those_that_are_documented() -> None:
    options = load_yaml(ROOT / "roles" / "compliance" / "meta" / "argument_specs.yml")["argument_specs"]["main"][
        "options"
    ]

    assert options["compliance_fail_on"]["choices"] == list(THRESHOLDS)
    assert load_yaml(ROOT / "galaxy.yml")["version"] == VERSION
