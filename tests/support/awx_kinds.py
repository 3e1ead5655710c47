# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API of AWX 24.6 knows: kinds of objects, their fields, and what it refuses of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ENCRYPTED = "$encrypted$"
Item = dict[str, Any]
_ASK = [
    "ask_credential_on_launch", "ask_diff_mode_on_launch", "ask_forks_on_launch", "ask_inventory_on_launch",
    "ask_job_slice_count_on_launch", "ask_job_type_on_launch", "ask_limit_on_launch", "ask_variables_on_launch",
]  # fmt: skip
_NOTIFIED = ("notification_templates_started", "notification_templates_success", "notification_templates_error")


@dataclass(frozen=True)
class Kind:
    """One kind of objects.

    :param type: as the API calls one of them.
    :param required: fields that a new one needs.
    :param defaults: further fields and what they are when nothing is said.
    :param foreign: field -> kind that its number belongs to.
    :param lists: related lists -> kind of what is in them.
    """

    type: str
    required: tuple[str, ...] = ("name",)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    foreign: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> set[str]:
        return {"description", *self.required, *self.defaults, *self.foreign}


_ORGANIZATION = {"organization": "organizations"}
KINDS: Mapping[str, Kind] = {
    "organizations": Kind(
        "organization",
        defaults={"max_hosts": 0, "default_environment": None},
        lists={
            "galaxy_credentials": "credentials",
            **dict.fromkeys((*_NOTIFIED, "notification_templates_approvals"), "notification_templates"),
        },
    ),
    "credential_types": Kind(
        "credential_type", ("name", "kind"), {"inputs": {}, "injectors": {}, "managed": False}
    ),
    "credentials": Kind(
        "credential",
        ("name", "credential_type"),
        {"inputs": {}, "organization": None},
        {"credential_type": "credential_types", **_ORGANIZATION},
    ),
    "execution_environments": Kind(
        "execution_environment", ("name", "image"), {"pull": "", "organization": None, "credential": None}
    ),
    "notification_templates": Kind(
        "notification_template",
        ("name", "organization", "notification_type", "notification_configuration"),
        {"messages": None},
        _ORGANIZATION,
    ),
    "projects": Kind(
        "project",
        ("name", "organization"),
        {"scm_type": "", "scm_url": "", "scm_branch": "", "credential": None, "scm_update_on_launch": False,
         "default_environment": None, "allow_override": False, "scm_revision": "", "local_path": ""},
        {"credential": "credentials", "default_environment": "execution_environments", **_ORGANIZATION},
        dict.fromkeys(_NOTIFIED, "notification_templates"),
    ),
    "project_updates": Kind("project_update", ()),
    "inventories": Kind(
        "inventory",
        ("name", "organization"),
        {"kind": "", "host_filter": None, "variables": "", "prevent_instance_group_fallback": False},
        _ORGANIZATION,
    ),
    "hosts": Kind(
        "host", ("name", "inventory"), {"enabled": True, "variables": ""}, {"inventory": "inventories"}
    ),
    "groups": Kind(
        "group",
        ("name", "inventory"),
        {"variables": ""},
        {"inventory": "inventories"},
        {"hosts": "hosts", "children": "groups"},
    ),
    "job_templates": Kind(
        "job_template",
        ("name", "project", "playbook"),
        {"job_type": "run", "organization": None, "inventory": None, "execution_environment": None, "forks": 0,
         "limit": "", "verbosity": 0, "extra_vars": "", "become_enabled": False, "diff_mode": False,
         "allow_simultaneous": False, "survey_enabled": False, "job_slice_count": 1, **dict.fromkeys(_ASK, False)},
        {"project": "projects", "inventory": "inventories", "execution_environment": "execution_environments",
         **_ORGANIZATION},
        {"credentials": "credentials", **dict.fromkeys(_NOTIFIED, "notification_templates")},
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        ("name",),
        {"organization": None, "inventory": None, "limit": None, "extra_vars": "", "allow_simultaneous": False,
         "survey_enabled": False, **dict.fromkeys(_ASK, False)},
        {"inventory": "inventories", **_ORGANIZATION},
        dict.fromkeys((*_NOTIFIED, "notification_templates_approvals"), "notification_templates"),
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        ("workflow_job_template",),
        {"identifier": "", "unified_job_template": None, "extra_data": {}, "job_slice_count": None, "limit": None,
         "all_parents_must_converge": False},
        {"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates"},
        dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
    ),
    "workflow_approval_templates": Kind("workflow_approval_template", ("name",), {"timeout": 0}),
    "schedules": Kind(
        "schedule",
        ("name", "unified_job_template", "rrule"),
        {"extra_data": {}, "enabled": True},
        {"unified_job_template": "unified_job_templates"},
    ),
}  # fmt: skip
# What can be run is of one space of numbers and names.
RUNNABLE = ("projects", "job_templates", "workflow_job_templates", "workflow_approval_templates")
UNIQUE = {"hosts": ("name", "inventory"), "groups": ("name", "inventory"),
          "schedules": ("name", "unified_job_template"),
          "workflow_job_template_nodes": ("identifier", "workflow_job_template"),
          "credentials": ("name", "organization", "credential_type")}  # fmt: skip

MACHINE_FIELDS = [
    {"id": "username", "type": "string"},
    *({"id": name, "type": "string", "secret": True} for name in ("password", "ssh_key_data", "ssh_key_unlock")),
    {"id": "become_method", "type": "string"},
    {"id": "become_username", "type": "string"},
    {"id": "become_password", "type": "string", "secret": True},
]
_NOTIFICATION_FIELDS = {
    "slack": ({"token", "channels"}, {"token"}),
    "email": ({"host", "port", "username", "password", "use_tls", "use_ssl", "sender", "recipients"}, {"password"}),
    "webhook": ({"url", "http_method", "headers"}, {"password"}),
}
_QUESTION_TYPES: Mapping[str, type] = {"text": str, "textarea": str, "password": str, "multiplechoice": str,
                   "multiselect": str, "integer": int, "float": float}  # fmt: skip


def secret_fields(kind: str, item: Item, credential_type: Item | None) -> set[str]:
    """Names below inputs or notification_configuration that are never told."""
    if kind == "credentials" and credential_type:
        return {one["id"] for one in credential_type["inputs"].get("fields", []) if one.get("secret")}
    if kind == "notification_templates":
        return _NOTIFICATION_FIELDS[item["notification_type"]][1]
    return set()


def refused(kind: str, item: Item, credential_type: Item | None, playbooks: set[str]) -> Iterator[tuple[str, str]]:
    """Yield field and reason of what AWX does not take."""
    if kind == "credentials" and credential_type:
        yield from _refused_inputs(item, credential_type)
    if kind == "credential_types" and not item["managed"]:
        yield from _refused_injectors(item)
    if kind == "notification_templates":
        needed = _NOTIFICATION_FIELDS[item["notification_type"]][0] - set(item["notification_configuration"])
        if needed:
            yield "notification_configuration", f"Missing required fields: {', '.join(sorted(needed))}."
    if kind == "job_templates":
        if item["playbook"] not in playbooks:
            yield "playbook", "Playbook not found for project."
        if not item["inventory"] and not item["ask_inventory_on_launch"]:
            yield "inventory", "Job Template must either have an inventory or allow prompting for it."
    if kind == "schedules":
        yield from (("rrule", reason) for reason in refused_rrule(item["rrule"]))


def _refused_inputs(item: Item, credential_type: Item) -> Iterator[tuple[str, str]]:
    known = {one["id"] for one in credential_type["inputs"].get("fields", [])}
    for name in sorted(set(item["inputs"]) - known):
        yield "inputs", f"Additional properties are not allowed ('{name}' was unexpected)"
    for name in credential_type["inputs"].get("required", []):
        if not item["inputs"].get(name):
            yield "inputs", f"required for {credential_type['name']}: {name}"


def _refused_injectors(item: Item) -> Iterator[tuple[str, str]]:
    if item["kind"] not in ("cloud", "net"):
        yield "kind", "Must be 'cloud' or 'net'."
    known = {one["id"] for one in item["inputs"].get("fields", [])}
    for place in item["injectors"].values():
        for template in place.values():
            for name in re.findall(r"{{\s*(\w+)", template):
                if name not in known:
                    yield "injectors", f"{name} uses an undefined field"


def refused_rrule(rrule: str) -> Iterator[str]:
    """The rules of SchedulePreviewSerializer."""
    if not re.search(r"DTSTART(;[^:]+)?:[0-9]+T[0-9]+Z?", rrule):
        yield "Valid DTSTART required in rrule."
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rrule):
        yield "DTSTART cannot be a naive datetime."
    rules = re.findall(r"RULE:[^\s]*", rrule)
    if not rules:
        yield "One or more rule required in rrule."
    for rule in rules:
        if "INTERVAL" not in rule:
            yield f"INTERVAL required in rrule: {rule}"
        if "SECONDLY" in rule:
            yield f"SECONDLY is not supported: {rule}"


def refused_survey(survey: Mapping[str, Any]) -> Iterator[str]:
    """The rules of JobTemplateSurveySpec._validate_spec_data."""
    needed: dict[str, type] = {"name": str, "description": str, "spec": list}
    for name, wanted in needed.items():
        if not isinstance(survey.get(name), wanted):
            yield f"Field '{name}' is missing from survey spec."
            return
    if not survey["spec"]:
        yield "'spec' doesn't contain any items."
    for index, question in enumerate(survey["spec"]):
        yield from _refused_question(f"survey question {index}", question)


def _refused_question(name: str, question: Mapping[str, Any]) -> Iterator[str]:
    needed: dict[str, type] = {"type": str, "question_name": str, "variable": str, "required": bool}
    for key, wanted in needed.items():
        if not isinstance(question.get(key), wanted):
            yield f"'{key}' missing from {name}"
            return
    default, kind = question.get("default", ""), _QUESTION_TYPES[question["type"]]
    if default != "" and not isinstance(default, kind):
        yield f"Default value {default} in {name} expected to be {kind.__name__}."
    for key in ("min", "max"):
        if not isinstance(question.get(key, 0), int):
            yield f"The {key} limit in {name} expected to be integer."
    if question["type"] in ("multiplechoice", "multiselect"):
        if not question.get("choices"):
            yield f"{name} of type {question['type']} must specify choices."
        elif any(one not in question["choices"].splitlines() for one in str(default).splitlines()):
            yield "Default choice must be answered from the choices listed."
