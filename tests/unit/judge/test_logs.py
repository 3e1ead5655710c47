# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same lines of a log are told once in a report, by whoever knows the service better."""

from __future__ import annotations

import pytest
from findings import fine, warning

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.logs import without_repeats

FULL = ("could not extend file: No space left on device",)
OWN = warning("postgres.log_disk_full", "db", value=3.0, evidence=FULL)


@pytest.mark.parametrize(
    "general, own, stays",
    [
        pytest.param(warning("log.disk_full", "db", value=3.0, evidence=FULL), OWN, False, id="the same lines"),
        pytest.param(warning("log.disk_full", "db", value=2.0, evidence=FULL), OWN, False, id="some of the lines"),
        pytest.param(warning("log.disk_full", "db", value=4.0, evidence=FULL), OWN, True, id="it knows more lines"),
        pytest.param(warning("log.timeout", "db", value=3.0, evidence=("timed out",)), OWN, True, id="other lines"),
        pytest.param(warning("log.disk_full", "db", value=3.0), OWN, True, id="without any line"),
        pytest.param(
            warning("log.disk_full", "db", value=3.0, evidence=FULL),
            fine("postgres.log", "db", value=3.0, evidence=FULL),
            True,
            id="the other one finds nothing wrong",
        ),
        pytest.param(
            warning("log.disk_full", "db", value=3.0, evidence=FULL),
            warning("postgres.disk", "db", evidence=FULL),
            True,
            id="the other one does not count lines",
        ),
        pytest.param(warning("container.state", "db", value=1.0, evidence=FULL), OWN, True, id="no line of a log"),
    ],
)
def test_what_is_told_twice_is_left_out_of_the_general_findings(general: Finding, own: Finding, stays: bool) -> None:
    assert without_repeats([general], [own]) == ((general,) if stays else ())
