# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check as JUnit XML, which continuous integration and dashboards read; pure.

One test suite for each row, one test case for each finding: critical is a failure, unknown an error (it could not be
told), a warning passes and is written to the output.
The shape is that of the JUnit schema of the Jenkins xUnit plugin: testsuites, testsuite, testcase, failure, error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

# Characters that XML 1.0 has no way to write, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OTHERWISE = "platform"


def junit_xml(report: Mapping[str, Any]) -> str:
    """The report as an XML document.

    :param report: what ``health_report`` returned: ``platform``, ``host``, ``findings``, ``duration_ms``.
    """
    suites = ElementTree.Element("testsuites", name=_text(f"{report['platform']} on {report['host']}"))
    by_service: dict[str, list[Mapping[str, Any]]] = {}
    for finding in report["findings"]:
        by_service.setdefault(finding["service"] or _OTHERWISE, []).append(finding)
    for service, findings in sorted(by_service.items()):
        _add_suite(suites, service, findings)
    _count(suites, report["findings"])
    suites.set("time", f"{report['duration_ms'] / 1000:.3f}")
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _add_suite(suites: ElementTree.Element, service: str, findings: Iterable[Mapping[str, Any]]) -> None:
    cases = list(findings)
    suite = ElementTree.SubElement(suites, "testsuite", name=_text(service))
    _count(suite, cases)
    for finding in sorted(cases, key=lambda each: (each["id"], each["message"])):
        case = ElementTree.SubElement(suite, "testcase", name=_text(finding["id"]), classname=_text(service))
        if finding["status"] in ("critical", "unknown"):
            kind = "failure" if finding["status"] == "critical" else "error"
            trouble = ElementTree.SubElement(case, kind, message=_text(finding["message"]), type=finding["status"])
            trouble.text = _text("\n".join([*finding["evidence"], f"playbook step {finding['step']}"]))
        elif finding["status"] == "warning":
            ElementTree.SubElement(case, "system-out").text = _text(finding["message"])


def _count(element: ElementTree.Element, findings: Iterable[Mapping[str, Any]]) -> None:
    statuses = [finding["status"] for finding in findings]
    element.set("tests", str(len(statuses)))
    element.set("failures", str(statuses.count("critical")))
    element.set("errors", str(statuses.count("unknown")))


def _text(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)
