# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event filter for ansible-rulebook: what is to be done about an alert of Alertmanager.

ansible-rulebook runs this file by itself, so it imports nothing of the collection.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

DOCUMENTATION = r"""
---
short_description: Say what is to be done about an alert
description:
  - Replaces one alert of Alertmanager (see C(eda.builtin.event_splitter)) by what the rulebook C(alertmanager) acts on.
    Nothing of the alert is passed on but a few labels, each held to a pattern and to what is configured.
  - C(alert.action) is C(remediate) for a firing alert with a known scenario, C(triage) for one without, C(note) for a
    resolved one, and C(refused) for one that cannot be trusted; then C(alert.detail) says why.
  - What is configured is in C(extensions/eda/alerts.yml), and in a file of the same shape that the environment variable
    E(INCIDENT_RESPONSE_ALERTS) names. It is read once, when the rulebook starts.
options: {}
"""

EXAMPLES = r"""
- eda.builtin.webhook:
    host: 127.0.0.1
    port: 5001
    token: "{{ INCIDENT_RESPONSE_ALERT_TOKEN }}"
  filters:
    - eda.builtin.event_splitter:
        splitter_key: payload.alerts
    - agentfoundry.incident_response.alert_scenario:
"""

OWN_FILE = "INCIDENT_RESPONSE_ALERTS"
SHIPPED_FILE = "alerts.yml"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_ALERT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .:/-]{0,99}")
_PLAYBOOK = re.compile(r"[A-Za-z0-9_./-]{1,200}")
_FINGERPRINT = re.compile(r"[0-9a-f]{1,64}")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
# scheme://host:port/path, host:port, [v6]:port; a bare IPv6 address is left whole.
_INSTANCE = re.compile(r"(?:[a-z]{1,10}://)?(?:\[([0-9A-Fa-f:.]+)\]|([^/:\s]+))(?::\d{1,5})?(?:/.*)?")
_SHOWN = 60


@dataclass(frozen=True)
class Platform:
    """What alerts may say of an inventory host.

    :param services: empty when any service may be named.
    """

    known_as: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Settings:
    """The mapping of alerts to playbooks; see ``extensions/eda/alerts.yml``."""

    scenarios: Mapping[str, str]
    alerts: Mapping[str, str]
    unknown: str
    labels: Mapping[str, Sequence[str]]
    platforms: Mapping[str, Platform]
    _names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        names = {name: host for host, one in self.platforms.items() for name in one.known_as}
        object.__setattr__(self, "_names", {**names, **{host: host for host in self.platforms}})

    def host(self, name: str) -> str | None:
        """The inventory host of this name; None when no platform is known by it."""
        return self._names.get(name)


class RefusedAlert(Exception):  # noqa: N818, it is an answer
    """The alert cannot be acted on; the message says why and what to do."""


def read_settings(environment: Mapping[str, str], shipped: Path | None = None) -> Settings:
    """What is configured, with the file of the user's own that the environment names.

    :raises ValueError: a file cannot be read or used; the message names file, key and remedy.
    """
    base_file = shipped or Path(__file__).resolve().parents[2] / SHIPPED_FILE
    data = _load(base_file)
    name = base_file.name
    if environment.get(OWN_FILE):
        own_file = Path(environment[OWN_FILE])
        own, name = _load(own_file), str(own_file)
        data = {
            **data,
            **own,
            **{key: {**data[key], **_table(own, key, name)} for key in ("scenarios", "alerts")},
        }
    return _settings(data, name)


def _load(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} ({OWN_FILE}) cannot be read: {error}") from error
    known = {"scenarios", "alerts", "unknown", "labels", "platforms"}
    if not isinstance(data, dict) or not {str(key) for key in data} <= known:
        raise ValueError(f"{path}: give the keys {', '.join(sorted(known))}, and no others.")
    return data


def _settings(data: Mapping[str, Any], name: str) -> Settings:
    scenarios = _texts(data, "scenarios", name, _PLAYBOOK)
    alerts = _texts(data, "alerts", name, _NAME)
    strange = sorted(set(alerts.values()) - set(scenarios))
    if strange:
        raise ValueError(f"{name}: alerts names the scenarios {', '.join(strange)}, which scenarios does not have.")
    labels = {key: _list(value, f"labels.{key}", name) for key, value in _table(data, "labels", name).items()}
    if set(labels) != {"scenario", "host", "service"}:
        raise ValueError(f"{name}: labels has to have the keys scenario, host and service, each with a list of labels.")
    unknown = data.get("unknown")
    if not isinstance(unknown, str) or not _PLAYBOOK.fullmatch(unknown):
        raise ValueError(f"{name}: unknown has the value {unknown!r}; give the name of a playbook.")
    platforms = {
        _checked(host, "platforms", name, _NAME): _platform(one, f"platforms.{host}", name)
        for host, one in _table(data, "platforms", name).items()
    }
    return Settings(scenarios, alerts, unknown, labels, platforms)


def _platform(data: Any, key: str, name: str) -> Platform:
    one = {} if data is None else data
    if not isinstance(one, dict) or not set(one) <= {"known_as", "services"}:
        raise ValueError(f"{name}: {key} may have the keys known_as and services.")
    return Platform(**{part: frozenset(_list(value, f"{key}.{part}", name)) for part, value in one.items()})


def _table(data: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    table = data.get(key) or {}
    if not isinstance(table, dict):
        raise ValueError(f"{name}: {key} has to be a table and not {table!r}.")  # noqa: TRY004
    return table


def _texts(data: Mapping[str, Any], key: str, name: str, pattern: re.Pattern[str]) -> dict[str, str]:
    return {str(one): _checked(text, f"{key}.{one}", name, pattern) for one, text in _table(data, key, name).items()}


def _checked(text: Any, key: str, name: str, pattern: re.Pattern[str]) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueError(f"{name}: {key} has the value {text!r}, which is no name.")
    return text


def _list(value: Any, key: str, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValueError(f"{name}: {key} has to be a list of names and not {value!r}.")
    return value


def judged(event: Any, settings: Settings) -> dict[str, Any]:
    """What is to be done about an alert, in the shape that the rulebook acts on.

    :param event: an alert as Alertmanager posts it; anything else is refused.
    :returns: ``alert`` (see ``DOCUMENTATION``), and ``meta.hosts`` unless it is refused.
    """
    try:
        alert = _judged(event, settings)
    except RefusedAlert as refusal:
        return {"alert": {"action": "refused", "detail": str(refusal)}}
    return {"alert": alert, "meta": {"hosts": [alert["host"]]}}


def _judged(event: Any, settings: Settings) -> dict[str, Any]:
    labels = event.get("labels") if isinstance(event, dict) else None
    if not isinstance(labels, dict):
        raise RefusedAlert("What was posted is no alert of Alertmanager (version 4 of its webhook): it has no labels.")
    name = _label(labels, ["alertname"], _ALERT, "an alert")
    if not name:
        raise RefusedAlert("An alert without the label alertname was posted.")
    if event.get("status") not in ("firing", "resolved"):
        raise RefusedAlert(f"{name}: its status is {_shown(event.get('status'))} and not firing or resolved.")
    host = _host(name, labels, settings)
    service = _service(name, labels, host, settings)
    scenario = _label(labels, settings.labels["scenario"], _NAME, name) or settings.alerts.get(name, "")
    playbook = settings.scenarios.get(scenario)
    about = f"{name} ({service})" if service else name
    alert = {
        "action": "remediate" if playbook else "triage",
        "name": name,
        "host": host,
        "service": service,
        "scenario": scenario if playbook else "",
        "playbook": playbook or settings.unknown,
        "fingerprint": _part(event, "fingerprint", _FINGERPRINT, name),
        "starts_at": _time(event, "startsAt", name),
        "detail": about,
    }
    if event["status"] == "resolved":
        ended = _time(event, "endsAt", name)
        note = f"The alert {about} is resolved; it fired from {alert['starts_at']} to {ended}."
        return {**alert, "action": "note", "ends_at": ended, "detail": note}
    return alert


def _host(name: str, labels: Mapping[str, Any], settings: Settings) -> str:
    wanted = settings.labels["host"]
    found = next(((label, labels[label]) for label in wanted if labels.get(label)), None)
    if found is None:
        raise RefusedAlert(f"{name}: it has none of the labels {', '.join(wanted)}, so its platform is not known.")
    label, value = found
    text = value if isinstance(value, str) else ""
    match = _INSTANCE.fullmatch(text)
    host = settings.host((match[1] or match[2]) if match else text)
    if host is None:
        raise RefusedAlert(
            f"{name}: the label {label} is {_shown(value)}, and no platform of this name is among platforms. "
            f"Known are {', '.join(sorted(settings.platforms))}; a file named by {OWN_FILE} can say more."
        )
    return host


def _service(name: str, labels: Mapping[str, Any], host: str, settings: Settings) -> str:
    service = _label(labels, settings.labels["service"], re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}"), name)
    known = settings.platforms[host].services
    if service and known and service not in known:
        raise RefusedAlert(f"{name}: {_shown(service)} is none of the services that platforms has for {host}.")
    return service


def _label(labels: Mapping[str, Any], wanted: Sequence[str], pattern: re.Pattern[str], alert: str) -> str:
    """The first of these labels that the alert bears; empty when it bears none."""
    for label in wanted:
        value = labels.get(label)
        if value in (None, ""):
            continue
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise RefusedAlert(f"{alert}: the label {label} is {_shown(value)}, which is no name.")
        return value
    return ""


def _part(event: Mapping[str, Any], key: str, pattern: re.Pattern[str], alert: str) -> str:
    value = event.get(key)
    match = pattern.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise RefusedAlert(f"{alert}: its {key} is {_shown(value)}.")
    # Times to the second: nobody needs more, and not every reader of RFC 3339 takes nanoseconds.
    return "".join(match.groups()) if match.groups() else match[0]


def _time(event: Mapping[str, Any], key: str, alert: str) -> str:
    text = _part(event, key, _TIME, alert)
    try:
        datetime.fromisoformat(text)
    except ValueError:  # such as the 31st of February, which the note's playbook would fail on
        raise RefusedAlert(f"{alert}: its {key} is {_shown(text)}, which is no time.") from None
    return text


def _shown(value: Any) -> str:
    """Text of somebody else, short, and without what a terminal or a template would act on."""
    # Cut first: of a label of a megabyte no more is looked at than is shown.
    text = "".join(one if one.isprintable() and one not in "{}%\\" else "?" for one in str(value)[: _SHOWN + 1])
    return f"'{text[:_SHOWN]}...'" if len(text) > _SHOWN else f"'{text}'"


# Read when the rulebook starts: a mistake in it ends the start, and not the first alert of the night.
_SETTINGS = read_settings(os.environ)


def main(event: Any) -> dict[str, Any]:
    """Called by ansible-rulebook for each event."""
    return judged(event, _SETTINGS)
