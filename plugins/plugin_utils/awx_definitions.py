# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether definitions for AWX fit together: what they name is there, and AWX will take their surveys and schedules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_rrule_rules import rrule_problems
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_shape_rules import shape_problems
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.awx_survey_rules import survey_problems

Definitions = Mapping[str, Sequence[Mapping[str, Any]]]

# Variable of infra.aap_configuration -> what one of its items is called.
KINDS = {
    "aap_organizations": "organization",
    "controller_credential_types": "credential type",
    "controller_credentials": "credential",
    "controller_execution_environments": "execution environment",
    "controller_notifications": "notification template",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_hosts": "host",
    "controller_groups": "group",
    "controller_templates": "job template",
    "controller_workflows": "workflow",
    "controller_schedules": "schedule",
}
_NOTIFICATIONS = tuple(f"notification_templates_{when}" for when in ("started", "success", "error", "approvals"))
# Key of an item -> where what it names is defined.
_REFERENCES = {
    "organization": ("aap_organizations",),
    "credential_type": ("controller_credential_types",),
    "credential": ("controller_credentials",),
    "credentials": ("controller_credentials",),
    "galaxy_credentials": ("controller_credentials",),
    "execution_environment": ("controller_execution_environments",),
    "default_environment": ("controller_execution_environments",),
    "project": ("controller_projects",),
    "inventory": ("controller_inventories",),
    "unified_job_template": ("controller_templates", "controller_workflows", "controller_projects"),
    **dict.fromkeys(_NOTIFICATIONS, ("controller_notifications",)),
}
_LINKS = ("success_nodes", "failure_nodes", "always_nodes")


def definition_problems(
    definitions: Definitions, known: Iterable[str] = (), playbooks: Iterable[str] = ()
) -> list[str]:
    """Return what is wrong with the definitions, each as one sentence; an empty list when nothing is.

    :param definitions: variables of infra.aap_configuration, each a list of items.
    :param known: names that are in AWX already, such as the credential type Machine.
    :param playbooks: the playbooks of the project; none means that they are not looked at.
    """
    found = [f"{kind} is none of {', '.join(KINDS)}." for kind in definitions if kind not in KINDS]
    found += shape_problems(definitions)
    if found:
        return found  # whatever else would be said of them could only mislead
    names = {kind: {str(item["name"]) for item in items} for kind, items in definitions.items()}
    types = {str(item["name"]): item for item in definitions.get("controller_credential_types", [])}
    for item in definitions.get("controller_credentials", []):
        found += (f"credential {item['name']}: {problem}" for problem in _input_problems(item, types))
    found += _answer_problems(definitions)
    for kind in KINDS:
        items = definitions.get(kind, [])
        for name, times in Counter((item.get("inventory"), item.get("name")) for item in items).items():
            if times > 1:
                found.append(f"{KINDS[kind]} {name[1]}: is defined {times} times.")
        for item in items:
            found += [
                f"{KINDS[kind]} {item.get('name')}: {problem}"
                for problem in _item_problems(kind, item, names, frozenset(known), frozenset(playbooks))
            ]
    return found


def _item_problems(
    kind: str, item: Mapping[str, Any], names: Mapping[str, set[str]], known: frozenset[str], playbooks: frozenset[str]
) -> Iterator[str]:
    yield from _reference_problems(item, names, known)
    if kind == "controller_groups":
        yield from (
            f"host {one} is not defined."
            for one in item.get("hosts", [])
            if one not in names.get("controller_hosts", ())
        )
    if kind == "controller_templates" and playbooks and item.get("playbook") not in playbooks:
        yield f"playbook {item.get('playbook')} is not in the project."
    # An empty survey is none: all its questions were left out.
    if item.get("survey_spec", {"spec": []} if item.get("survey_enabled") else {}) != {}:
        yield from survey_problems(item.get("survey_spec") or {})
    if kind == "controller_schedules":
        yield from (f"rrule: {problem}" for problem in rrule_problems(str(item.get("rrule", ""))))
    if kind == "controller_workflows":
        yield from _node_problems(item.get("simplified_workflow_nodes", []), names, known)


def _reference_problems(item: Mapping[str, Any], names: Mapping[str, set[str]], known: frozenset[str]) -> Iterator[str]:
    for key, kinds in _REFERENCES.items():
        value = item.get(key) or []
        for name in value if isinstance(value, list) else [value]:
            if not isinstance(name, str):
                yield f"{key} has to be a name, or a list of names."
            elif name not in known and not any(name in names.get(kind, ()) for kind in kinds):
                yield f"{key} {name} is not defined."


def _input_problems(item: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """AWX refuses an input that the type does not have, and a job without one that the type requires."""
    wanted = types.get(str(item["credential_type"]), {}).get("inputs")
    if wanted is None:  # of a type that AWX has by itself
        return
    known = [str(field["id"]) for field in wanted.get("fields", [])]
    yield from (
        f"its type has no input {name}, only {', '.join(known) or 'none'}."
        for name in item["inputs"]
        if name not in known
    )
    yield from (f"the input {name} is missing." for name in wanted.get("required", []) if not item["inputs"].get(name))


def _answer_problems(definitions: Definitions) -> Iterator[str]:
    """AWX refuses a schedule or a node that answers what its job template does not ask."""
    asked = {
        item["name"]: {question.get("variable") for question in (item.get("survey_spec") or {}).get("spec") or []}
        for item in definitions.get("controller_templates", [])
        if not item.get("ask_variables_on_launch")
    }
    answering = [(f"schedule {one['name']}", one) for one in definitions.get("controller_schedules", [])]
    answering += [
        (f"workflow {one['name']}: node {node['identifier']}", node)
        for one in definitions.get("controller_workflows", [])
        for node in one["simplified_workflow_nodes"]
    ]
    for label, item in answering:
        template = item.get("unified_job_template")
        if isinstance(template, str) and template in asked:
            for variable in sorted(set(item.get("extra_data") or {}) - asked[template]):
                yield f"{label}: extra_data {variable} is no question of the survey of {template}."


def _node_problems(
    nodes: Sequence[Mapping[str, Any]], names: Mapping[str, set[str]], known: frozenset[str]
) -> Iterator[str]:
    identifiers = [str(node.get("identifier", "")) for node in nodes]
    for name, times in Counter(identifiers).items():
        if times > 1:
            yield f"node {name} is there {times} times."
    linked: set[str] = set()
    for node in nodes:
        label = f"node {node.get('identifier')}"
        if ("unified_job_template" in node) == ("approval_node" in node):
            yield f"{label} needs either a unified_job_template or an approval_node."
        yield from (f"{label}: {problem}" for problem in _reference_problems(node, names, known))
        for link in _LINKS:
            for child in node.get(link, []):
                linked.add(child)
                if child not in identifiers:
                    yield f"{label}: {link} {child} is no node."
    # The first node is where the workflow begins; whatever else nobody leads to would begin at once as well.
    yield from (f"node {name} is an orphan: no node leads to it." for name in identifiers[1:] if name not in linked)
