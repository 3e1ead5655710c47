# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role awx as a user sets it up, for the tests of its definitions and of its runs."""

from __future__ import annotations

from typing import Any

from awx_listing import listed_as_playbooks
from role_variables import role_variable

from checkout import ROOT, tracked_files

Definitions = dict[str, list[dict[str, Any]]]
HOSTS = {"shop": {"ansible_host": "docker1.example.com"}, "bank": {"ansible_host": "docker2.example.com"}}
GIVEN: dict[str, Any] = {
    "awx_image": "registry.example.com/incident-response-ee:1",
    "awx_hosts": HOSTS,
    "awx_machine": {"username": "deploy", "ssh_key_data": "a key"},
    "awx_secrets": {"notifications": {"slack_token": "x"}, "probe": {"password": "x"}},
    "awx_notifications": [{"name": "ops", "notification_type": "slack", "notification_configuration": {"token": "x"}}],
}
KNOWN = ["Machine", "Ansible Galaxy"]


def awx_variable(name: str, **given: Any) -> Any:
    """A variable of the role, with what a user has to give and these."""
    return role_variable("awx", name, {**GIVEN, **given})


def playbooks() -> set[str]:
    """What AWX offers of this checkout."""
    return listed_as_playbooks(ROOT, tracked_files())
