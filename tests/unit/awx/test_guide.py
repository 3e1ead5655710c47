# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to AWX: what it tells people to write is what the role takes."""

from __future__ import annotations

import re
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import trust_as_template
from awx_role import KNOWN, awx_variable, playbooks

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_definitions import definition_problems
from checkout import ROOT, load_yaml

GUIDE = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")


def blocks() -> list[dict[str, Any]]:
    texts = [
        text.replace("{{ vaulted_ssh_key }}", "key").replace("{{ vaulted_slack_token }}", "token")
        for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    ]
    # As from a file that a user wrote: its templates count.
    return [DataLoader().load(trust_as_template(text)) for text in texts]


def test_the_definitions_of_the_guide_fit_together() -> None:
    first, *_ = blocks()

    definitions = awx_variable("__awx_definitions", **first)

    assert definition_problems(definitions, KNOWN, playbooks()) == []
    assert [host["name"] for host in definitions["controller_hosts"]] == ["shop", "bank"]


def test_a_template_for_the_job_reaches_awx_as_a_template() -> None:
    (channels,) = (block for block in blocks() if "incident_channels" in block.get("awx_platform_variables", {}))

    (group,) = awx_variable("__awx_groups", **channels)

    token = group["variables"]["incident_channels"]["ops-slack"]["token"]
    assert token == "{{ lookup('ansible.builtin.env', 'INCIDENT_RESPONSE_SLACK_TOKEN') }}"


def test_every_option_that_the_guide_names_is_there() -> None:
    options = load_yaml(ROOT / "roles" / "awx" / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]

    assert set(re.findall(r"\bawx_[a-z_]+\b", GUIDE)) - {"awx_job"} <= set(options)


def test_every_injector_is_in_the_guide() -> None:
    types = awx_variable("__awx_credential_types")

    for injector in [name for one in types for name in one["injectors"]["env"]]:
        assert injector.removeprefix("INCIDENT_RESPONSE") in GUIDE
