# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge one scenario and choose its rungs, on the controller: nothing is needed from the target any more."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.condition import circumstances
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.diagnosis import (
    Condition,
    Diagnosis,
    choose_scope,
    diagnose,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.fingerprint import (
    incident_fingerprint,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.graph import DependencyGraph
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.host import HOST, HOST_KIND
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.incident import (
    ENGINE_SCENARIO,
    UNNAMED_PLATFORM,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import (
    DEFAULT_RULES as ISSUE_TYPES,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.issue_type import (
    judge_issue_type,
    read_issue_types,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.rung import Rung, read_ladder
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import (
    DEFAULT_RULES as SEVERITY_RULES,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.severity import (
    judge_severity,
    read_severity_rules,
)
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.base import Action
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.observed import declared_down, graph_of

_OBSERVED = ("engine", "platform", "services", "findings")


class ActionModule(Action):
    """``agentfoundry.incident_response.remediation_plan``."""

    _supports_check_mode = True
    SPEC: ClassVar[dict[str, Any]] = {
        "observed": {"type": "dict", "required": True},
        "scenario": {"type": "str", "required": True},
        "kinds": {"type": "list", "elements": "str", "default": []},
        "services": {"type": "list", "elements": "str"},
        "services_option": {"type": "str", "default": "services"},
        "ladder": {"type": "list", "elements": "dict", "required": True},
        "ladder_option": {"type": "str", "default": "ladder"},
        "attempted": {"type": "list", "elements": "dict", "default": []},
        "looked_after": {"type": "list", "elements": "str", "default": []},
        "action_dirs": {"type": "list", "elements": "str", "default": []},
        "severity_rules": {"type": "list", "elements": "dict", "default": list(SEVERITY_RULES)},
        "issue_types": {"type": "list", "elements": "dict", "default": list(ISSUE_TYPES)},
    }

    def act(self, options: dict[str, Any], _task_vars: dict[str, Any]) -> dict[str, Any]:
        """The diagnosis and the plan as plain data."""
        observed = options["observed"]
        _check(observed)
        platform = observed["platform"]["project"]
        ladder = read_ladder(options["ladder"], options["ladder_option"])
        files = _action_files(ladder, options["action_dirs"], options["ladder_option"])
        engine_answers = bool(observed["engine"]["answers"])
        chosen = _scope(options, observed) if engine_answers else ()
        left_alone = {name: declared for name in chosen if (declared := _declared(observed, name))}
        diagnosis = diagnose(
            [Finding.from_data(data) for data in observed["findings"]],
            _graph(observed) if HOST_KIND in options["kinds"] else graph_of(observed["services"]),
            [name for name in chosen if name not in left_alone],
            ladder,
            engine_answers=engine_answers,
            attempted=[(entry["action"], entry["service"]) for entry in options["attempted"]],
            declared_down=declared_down(observed["services"]),
        )
        return {
            "changed": False,
            **_to_data(diagnosis, platform, options["scenario"], observed, files),
            **_rate(diagnosis, options, observed),
            "left_alone": left_alone,
        }


def _rate(diagnosis: Diagnosis, options: dict[str, Any], observed: dict[str, Any]) -> dict[str, Any]:
    """How bad the incident is, and of which type, by what fails because of its own services."""
    services = observed["services"]
    in_trouble = diagnosis.condition is Condition.IN_TROUBLE
    seen = circumstances(
        [Finding.from_data(data) for data in observed["findings"]],
        _graph(observed),
        [name for name, facts in services.items() if facts["user_facing"]],
        engine_answers=bool(observed["engine"]["answers"]),
        scenario=ENGINE_SCENARIO if diagnosis.condition is Condition.ENGINE_UNAVAILABLE else options["scenario"],
        causes=diagnosis.services if in_trouble else None,
    )
    severity_rules = read_severity_rules(options["severity_rules"], "remediation_severity_rules")
    return {
        "severity": judge_severity(seen, severity_rules).to_data(),
        "issue_type": judge_issue_type(seen, read_issue_types(options["issue_types"], "remediation_issue_types")),
    }


def _check(observed: dict[str, Any]) -> None:
    """:raises IncidentResponseError: it is no observation; without one, nothing is known and nothing may be done."""
    missing = [key for key in _OBSERVED if key not in observed]
    if missing:
        raise IncidentResponseError(
            f"observed is no observation: it has no {missing[0]}. {observed.get('msg', '')}".strip(),
            remedy="Give the result of agentfoundry.incident_response.platform_info that did not fail.",
        )


def _scope(options: dict[str, Any], observed: dict[str, Any]) -> tuple[str, ...]:
    kinds = {name: seen["kind"] for name, seen in observed["services"].items()}
    if HOST_KIND in options["kinds"]:
        kinds[HOST] = HOST_KIND
    scope = choose_scope(kinds, options["kinds"], options["services"], options["services_option"])
    left = {name for one in _interrupted(observed, options["scenario"]) for name in one["unfinished"]}
    return tuple(sorted({*scope, *left, *options["looked_after"]} & set(kinds))) if scope else ()


def _interrupted(observed: dict[str, Any], scenario: str) -> list[dict[str, Any]]:
    """Open incidents whose run was killed while it acted: it may have stopped a service, and could not start it again.

    While a lease is held the attempt is under way, perhaps our own.
    """
    record = observed.get("record", {})
    if record.get("lease") is not None:
        return []
    return [one for one in record.get("open_incidents", ()) if one["scenario"] == scenario and one.get("unfinished")]


def _incident_services(diagnosis: Diagnosis, observed: dict[str, Any], scenario: str) -> list[str]:
    """The services that the incident is about: what a killed run has left behind belongs to its incident."""
    for incident in _interrupted(observed, scenario):
        if diagnosis.services and set(diagnosis.services) <= {*incident["services"], *incident["unfinished"]}:
            return list(incident["services"])
    return list(diagnosis.services)


def _declared(observed: dict[str, Any], service: str) -> str:
    """What somebody declared of a service, so that nothing is said of it and nothing is done to it; empty for none."""
    return str(observed["services"].get(service, {}).get("declared", ""))


def _graph(observed: dict[str, Any]) -> DependencyGraph:
    """The services, and that those whose data lie on a disk that is short depend on the host."""
    disk = observed.get("host", {}).get("disk", {})
    suffering = {
        name for item in disk.get("file_systems", ()) if item["mount"] in disk["short"] for name in item["services"]
    }
    needs = dict(graph_of(observed["services"]).needs)
    return DependencyGraph({name: needs[name] | {HOST} if name in suffering else needs[name] for name in needs})


def _to_data(
    diagnosis: Diagnosis, platform: str, scenario: str, observed: dict[str, Any], files: dict[str, str]
) -> dict[str, Any]:
    plan = diagnosis.plan.to_data(platform, scenario)
    for step in plan["steps"]:
        step["file"] = files.get(step["action"], "")
        step["attempts"] = [{"action": step["action"], "service": service} for service in step["services"]]
    about = _incident_services(diagnosis, observed, scenario)
    if diagnosis.condition is Condition.ENGINE_UNAVAILABLE:
        scenario = ENGINE_SCENARIO
    return {
        "at": time.monotonic(),
        "condition": diagnosis.condition.value,
        "in_trouble": diagnosis.condition in (Condition.IN_TROUBLE, Condition.ENGINE_UNAVAILABLE),
        "platform": platform or UNNAMED_PLATFORM,
        "scenario": scenario,
        "scope": list(diagnosis.scope),
        "services": list(diagnosis.services),
        "incident_services": about,
        "dependants": list(diagnosis.dependants),
        "verify": list(diagnosis.healed_by_next_step()),
        "later": list(diagnosis.healed_by_later_steps()),
        "containers": {
            name: [{"id": container["id"], "started_at": container["started_at"]} for container in seen["containers"]]
            for name, seen in observed["services"].items()
        },
        "declared": {name: seen["declared"] for name, seen in observed["services"].items() if seen["declared"]},
        "root_cause": diagnosis.root_cause,
        "fingerprint": incident_fingerprint(platform or UNNAMED_PLATFORM, scenario, about),
        "plan": plan,
        "next_step": plan["steps"][0] if plan["steps"] else None,
        "no_longer_holds": _open_incidents(observed, scenario, diagnosis),
    }


def _open_incidents(observed: dict[str, Any], scenario: str, diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """Open incidents of this scenario (or of the engine) that this observation shows to be over."""
    if diagnosis.condition not in (Condition.HEALTHY, Condition.NOTHING_IN_SCOPE):
        return []
    return [
        incident
        for incident in observed.get("record", {}).get("open_incidents", [])
        if incident["scenario"] == ENGINE_SCENARIO
        or (incident["scenario"] == scenario and _is_looked_after(incident["services"], diagnosis))
    ]


def _is_looked_after(services: Sequence[str], diagnosis: Diagnosis) -> bool:
    """Of what is left alone nothing is known: its incident stays."""
    return diagnosis.condition is Condition.HEALTHY and set(services) <= set(diagnosis.scope)


def _action_files(ladder: Sequence[Rung], directories: Sequence[str], option: str) -> dict[str, str]:
    """Action -> its task file: the first directory that has it wins.

    :raises InvalidInputError: an action of the ladder has no task file; found before anything is touched.
    """
    files = {}
    for number, rung in enumerate(ladder):
        found = [path for directory in directories if (path := Path(directory) / f"{rung.action}.yml").is_file()]
        if directories and not found:
            raise InvalidInputError(
                f"{option}[{number}].action",
                rung.action,
                remedy=f"Write {rung.action}.yml in one of: {', '.join(directories)}; or name an action that is there.",
            )
        if found:
            files[rung.action] = str(found[0])
    return files
