# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit XML, which continuous integration and dashboards read; pure.

The shape is that of the JUnit schema of the Jenkins xUnit plugin: testsuites, testsuite, testcase, and in it failure,
error, skipped or system-out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

# Characters that XML 1.0 has no way to write, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


@dataclass(frozen=True)
class Case:
    """A test case.

    :param outcome: ``failure``, ``error``, ``skipped``, or empty for a pass.
    :param message: why, one sentence; of a pass what is written to its output.
    :param kind: the ``type`` of a failure or an error.
    :param lines: more about a failure or an error.
    """

    name: str
    classname: str
    outcome: str = ""
    message: str = ""
    kind: str = ""
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Suite:
    """Test cases under a name."""

    name: str
    cases: Sequence[Case]


def junit_document(name: str, suites: Iterable[Suite], seconds: float) -> str:
    """An XML document.

    :param seconds: how long all of it took.
    """
    found = list(suites)
    top = ElementTree.Element("testsuites", name=_text(name))
    for suite in found:
        element = ElementTree.SubElement(top, "testsuite", name=_text(suite.name))
        _count(element, suite.cases)
        for case in suite.cases:
            _add_case(element, case)
    _count(top, [case for suite in found for case in suite.cases])
    top.set("time", f"{seconds:.3f}")
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def _add_case(suite: ElementTree.Element, case: Case) -> None:
    element = ElementTree.SubElement(suite, "testcase", name=_text(case.name), classname=_text(case.classname))
    if case.outcome == "skipped":
        ElementTree.SubElement(element, "skipped", message=_text(case.message))
    elif case.outcome:
        trouble = ElementTree.SubElement(element, case.outcome, message=_text(case.message), type=case.kind)
        trouble.text = _text("\n".join(case.lines))
    elif case.message:
        ElementTree.SubElement(element, "system-out").text = _text(case.message)


def _count(element: ElementTree.Element, cases: Sequence[Case]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, outcome in _COUNTED.items():
        element.set(attribute, str(sum(case.outcome == outcome for case in cases)))


def _text(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)
