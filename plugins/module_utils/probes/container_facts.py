# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From ``docker inspect`` to the facts that are judged. Pure; the environment is read for its secrets and dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import SERVICE_LABEL
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.last_known_good import (
    ROLLED_BACK_LABEL,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    ComposeLabels,
    Container,
    HealthTarget,
    PortBinding,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import (
    Redactor,
    is_secret_name,
    secrets_of_environment,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.single_container import (
    fixed_name,
    fixed_port,
    host_network,
    is_fixed,
)

IGNORE_LABEL = "agentfoundry.incident_response.ignore"
_COMPOSE = "com.docker.compose."
_NEVER = "0001-01-01"
_URL = re.compile(r"https?://[^\s'\"|;&)<>]+")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared with, not bound


def redactor_for(inspected: Iterable[Mapping[str, Any]], public_words: Iterable[str] = ()) -> Redactor:
    """A redactor that knows every secret in the containers' environments and arguments."""
    secret: set[str] = set()
    public: set[str] = set(public_words)
    for entry in inspected:
        found, plain = secrets_of_environment(environment_of(entry))
        secret |= found | _secret_arguments(entry.get("Args") or [])
        public |= plain
    return Redactor(secret, public)


def environment_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """The container's environment. Holds secrets: never show or store it."""
    pairs = (str(item).partition("=") for item in _at(entry, "Config", "Env") or [])
    return {name: value for name, _separator, value in pairs}


def container_facts(entry: Mapping[str, Any], redactor: Redactor) -> Container:
    """The facts of one container. Missing parts become empty values, whatever the engine's version leaves out."""
    state: Mapping[str, Any] = entry.get("State") or {}
    host: Mapping[str, Any] = entry.get("HostConfig") or {}
    labels: Mapping[str, str] = _at(entry, "Config", "Labels") or {}
    check: Mapping[str, Any] = _at(entry, "Config", "Healthcheck") or {}
    return Container(
        id=str(entry.get("Id", "")),
        name=str(entry.get("Name", "")).lstrip("/"),
        service=labels.get(SERVICE_LABEL, ""),
        image=str(_at(entry, "Config", "Image") or ""),
        image_id=str(entry.get("Image", "")),
        state=str(state.get("Status", "")),
        health=_health(state),
        health_log=_health_log(state, redactor),
        health_target=_health_target(check.get("Test") or [], environment_of(entry)),
        exit_code=int(state.get("ExitCode") or 0),
        oom_killed=bool(state.get("OOMKilled")),
        error=redactor.line(str(state.get("Error") or "")),
        restart_count=int(entry.get("RestartCount") or 0),
        restart_policy=str(_at(host, "RestartPolicy", "Name") or "no"),
        created_at=str(entry.get("Created") or ""),
        started_at=_moment(state.get("StartedAt")),
        finished_at=_moment(state.get("FinishedAt")),
        start_period=float(check.get("StartPeriod") or 0) / 1e9,
        pid=int(state.get("Pid") or 0),
        memory_limit=int(host.get("Memory") or 0) or None,
        cpu_limit=_cpu_limit(host),
        devices=_devices(host),
        ports=_ports(entry),
        addresses=_addresses(entry),
        mounts={
            str(mount.get("Destination", "")): str(mount.get("Name") or mount.get("Source") or "")
            for mount in entry.get("Mounts") or []
        },
        compose=_compose(labels),
        log_driver=str(_at(host, "LogConfig", "Type") or ""),
        ignored=labels.get(IGNORE_LABEL, "").lower() in ("true", "yes", "1"),
        rolled_back_from=labels.get(ROLLED_BACK_LABEL, ""),
        health_check=bool(check.get("Test")) and check["Test"][0] != "NONE",
        privileged=bool(host.get("Privileged")),
        engine_socket=any(
            str(mount.get("Source") or "").endswith("/docker.sock") for mount in entry.get("Mounts") or []
        ),
        alone=_alone(entry, labels),
    )


def _at(entry: Mapping[str, Any], *path: str) -> Any:
    value: Any = entry
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _moment(value: object) -> str:
    text = str(value or "")
    return "" if text.startswith(_NEVER) else text


def _health(state: Mapping[str, Any]) -> str:
    status = str(_at(state, "Health", "Status") or "")
    return "" if status == "none" else status


def _health_log(state: Mapping[str, Any], redactor: Redactor) -> str:
    log = _at(state, "Health", "Log") or []
    return redactor.line(str(log[-1].get("Output") or "")) if log else ""


def _cpu_limit(host: Mapping[str, Any]) -> float | None:
    if host.get("NanoCpus"):
        return float(host["NanoCpus"]) / 1e9
    if host.get("CpuQuota") and host["CpuQuota"] > 0:
        return float(host["CpuQuota"]) / float(host.get("CpuPeriod") or 100_000)
    return None


def _devices(host: Mapping[str, Any]) -> tuple[str, ...]:
    words = []
    for request in host.get("DeviceRequests") or []:
        count = request.get("Count") or 0
        which = ", ".join(request.get("DeviceIDs") or []) or ("all" if count == -1 else str(count))
        abilities = ", ".join(name for group in request.get("Capabilities") or [] for name in group)
        words.append(f"{request.get('Driver') or 'device'}: {which} [{abilities}]")
    words.extend(str(device.get("PathOnHost", "")) for device in host.get("Devices") or [])
    return tuple(words)


def _alone(entry: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Why it can have no second one beside it. Compose numbers containers that have no name of their own."""
    service, project = labels.get(SERVICE_LABEL, ""), labels.get(f"{_COMPOSE}project", "")
    name, number = str(entry.get("Name", "")).lstrip("/"), labels.get(f"{_COMPOSE}container-number", "")
    if service and number and name not in (f"{project}-{service}-{number}", f"{project}_{service}_{number}"):
        return fixed_name(service, name)
    bindings = _at(entry, "HostConfig", "PortBindings")
    for bound in bindings.values() if isinstance(bindings, Mapping) else ():
        ports = [str(item.get("HostPort") or "") for item in bound or () if isinstance(item, Mapping)]
        taken = next((port for port in ports if is_fixed(port)), "")
        if taken:
            return fixed_port(service, taken)
    return host_network(service) if _at(entry, "HostConfig", "NetworkMode") == "host" else ""


def _ports(entry: Mapping[str, Any]) -> tuple[PortBinding, ...]:
    """Exposed and published ports; a container that does not run still tells what it would publish."""
    published = _at(entry, "NetworkSettings", "Ports") or _at(entry, "HostConfig", "PortBindings") or {}
    exposed = _at(entry, "Config", "ExposedPorts") or {}
    bindings = []
    for name in sorted({*published, *exposed}):
        number, _separator, protocol = str(name).partition("/")
        if not number.isdigit():
            continue
        found = [
            PortBinding(int(number), protocol or "tcp", str(item.get("HostIp") or ""), int(item.get("HostPort") or 0))
            for item in published.get(name) or []
            if str(item.get("HostPort") or "").isdigit()
        ]
        bindings += found or [PortBinding(int(number), protocol or "tcp")]
    return tuple(bindings)


def _addresses(entry: Mapping[str, Any]) -> dict[str, str]:
    networks = _at(entry, "NetworkSettings", "Networks") or {}
    return {
        str(name): str(network.get("IPAddress") or network.get("GlobalIPv6Address") or "")
        for name, network in networks.items()
        if isinstance(network, Mapping)
    }


def _compose(labels: Mapping[str, str]) -> ComposeLabels:
    return ComposeLabels(
        working_dir=labels.get(f"{_COMPOSE}project.working_dir", ""),
        files=_list(labels.get(f"{_COMPOSE}project.config_files", "")),
        env_files=_list(labels.get(f"{_COMPOSE}project.environment_file", "")),
        config_hash=labels.get(f"{_COMPOSE}config-hash", ""),
        version=labels.get(f"{_COMPOSE}version", ""),
        depends_on=_depends_on(labels.get(f"{_COMPOSE}depends_on", "")),
    )


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _depends_on(text: str) -> dict[str, str]:
    """``redis:service_healthy:false,user-service:service_started:true`` (condition and restart may be missing)."""
    parts = [item.split(":") for item in _list(text)]
    return {part[0]: part[1] if len(part) > 1 else "service_started" for part in parts if part[0]}


def _health_target(test: list[Any], environment: Mapping[str, str]) -> HealthTarget | None:
    match = _URL.search(_VARIABLE.sub(lambda found: _expand(found, environment), " ".join(str(item) for item in test)))
    if match is None:
        return None
    try:
        parts = urlsplit(match.group(0))
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    if parts.hostname not in _LOCAL:
        return None  # it asks somebody else
    query = f"?{parts.query}" if parts.query else ""
    return HealthTarget(port=port, path=(parts.path or "/") + query, scheme=parts.scheme)


def _expand(match: re.Match[str], environment: Mapping[str, str]) -> str:
    name, default, bare = match.groups()
    variable = name or bare
    if is_secret_name(variable):
        return "x"
    return environment.get(variable) or default or ""


def _secret_arguments(arguments: list[Any]) -> set[str]:
    """Values of options such as ``--requirepass`` and ``--api-key=``."""
    words = [str(item) for item in arguments]
    values = set()
    for position, word in enumerate(words):
        name, separator, value = word.partition("=")
        if name.startswith("-") and (is_secret_name(name.strip("-").replace("-", "_")) or name == "--requirepass"):
            following = words[position + 1] if position + 1 < len(words) else ""
            values.add(value if separator else following)
    return values
