# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects in few words."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Subject, Verdict


def judged(name: str, good: bool | None, fine: str, bad: str) -> Subject:
    """A subject that passes or fails; None: it could not be told.

    :param fine: the sentence when it passes, :param bad: when it does not.
    """
    if good is None:
        return Subject(name, Verdict.UNKNOWN, bad)
    return Subject(name, Verdict.PASS, fine) if good else Subject(name, Verdict.FAIL, bad)


def unknown(name: str, message: str) -> Subject:
    """It could not be told."""
    return Subject(name, Verdict.UNKNOWN, message)


def not_applicable(name: str, message: str) -> Subject:
    """There is nothing to judge."""
    return Subject(name, Verdict.NOT_APPLICABLE, message)
