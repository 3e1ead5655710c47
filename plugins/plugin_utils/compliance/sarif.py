# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compliance run as SARIF 2.1.0, which code scanning and security dashboards read; pure.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. One rule for each control, one result for each subject
that is not well, and one for each control that is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
INFORMATION = "https://github.com/agentfoundry/incident_response"
_MEASURED = re.compile(r"\d[\d.,:TZ-]*")
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# What GitHub sorts by: the scale of CVSS.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}
_KINDS = {"pass": "pass", "fail": "fail", "waived": "fail", "unknown": "open", "not_applicable": "notApplicable"}


def sarif_log(report: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The report as a SARIF log.

    :param version: of this collection.
    """
    results = report["results"]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "agentfoundry.incident_response compliance",
                        "semanticVersion": version,
                        "informationUri": INFORMATION,
                        "rules": [_rule(result) for result in results],
                    }
                },
                "automationDetails": {"id": f"compliance/{report['host']}/{report['platform']}/"},
                "invocations": [{"executionSuccessful": True, "endTimeUtc": report["at"]}],
                "columnKind": "utf16CodeUnits",
                "results": [entry for index, result in enumerate(results) for entry in _results(report, index, result)],
            }
        ],
    }


def _rule(result: Mapping[str, Any]) -> dict[str, Any]:
    playbook = f" Playbook: playbooks/{result['playbook']}.yml." if result["playbook"] else ""
    words = f"{result['fix']}{playbook} Step {result['step']} of the incident response playbook."
    return {
        "id": result["id"],
        "shortDescription": {"text": result["title"]},
        "fullDescription": {"text": result["rationale"]},
        "help": {"text": words},
        "defaultConfiguration": {"level": _LEVELS[result["severity"]]},
        "properties": {
            "security-severity": _SCORES[result["severity"]],
            "tags": sorted({"compliance", result["id"].partition(".")[0], result["severity"]}),
        },
    }


def _results(report: Mapping[str, Any], index: int, result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    subjects = [one for one in result["subjects"] if one["verdict"] in ("fail", "waived", "unknown")]
    if not subjects:
        subjects = [{"name": "", "verdict": result["status"], "message": result["message"]}]
    for subject in subjects:
        yield _result(report, index, result, subject)


def _fingerprint(control: str, place: str, message: str) -> str:
    """The same at each run: what was measured may differ. Two queues of a broker are two."""
    return hashlib.sha256(f"{control} {place} {_MEASURED.sub('#', message)}".encode()).hexdigest()


def _result(
    report: Mapping[str, Any], index: int, result: Mapping[str, Any], subject: Mapping[str, Any]
) -> dict[str, Any]:
    verdict, name = subject["verdict"], subject["name"] or report["platform"] or report["host"]
    place = f"{report['host']}/{report['platform']}/{name}"
    entry: dict[str, Any] = {
        "ruleId": result["id"],
        "ruleIndex": index,
        "kind": _KINDS[verdict],
        "level": _LEVELS[result["severity"]] if _KINDS[verdict] == "fail" else "none",
        "message": {"text": subject["message"] or result["title"]},
        "locations": [
            {
                # Code scanning wants a file: the nearest to one that a running platform has is its name.
                "physicalLocation": {"artifactLocation": {"uri": quote(place)}},
                "logicalLocations": [{"name": name, "fullyQualifiedName": place, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"control/v1": _fingerprint(result["id"], place, subject["message"])},
    }
    if report["changes"]["since"] is not None and verdict == "fail":
        entry["baselineState"] = "new" if result["id"] in report["changes"]["newly_failing"] else "unchanged"
    if verdict == "waived" and result["waiver"]:
        waiver = result["waiver"]
        words = f"{waiver['reason']} ({waiver['owner']}, until {waiver['expires']})"
        entry["suppressions"] = [{"kind": "external", "status": "accepted", "justification": words}]
    return entry
