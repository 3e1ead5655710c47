# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what a running container differs from its service's desired configuration: by name, never by value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import is_secret_name

_REFERRING = ("network_mode", "ipc", "pid")


def environment_of(config: Mapping[str, Any]) -> dict[str, str]:
    """NAME -> value, from the ``Config`` of an inspected container or image."""
    entries = [str(entry).partition("=") for entry in config.get("Env") or ()]
    return {name: value for name, _separator, value in entries}


def differences(inspected: Mapping[str, Any], desired: Mapping[str, Any], image: Mapping[str, Any]) -> tuple[str, ...]:
    """What a recreate would change, as far as it can be told: ``image``, ``image build``, ``command``, ``mem_limit``,
    ``environment NAME``. Empty does not mean that nothing differs.

    :param inspected: the container from ``docker inspect``.
    :param desired: the service from ``docker compose config --format json``.
    :param image: the desired image from ``docker image inspect``, or empty when it is not on the host.
    """
    config = inspected.get("Config") or {}
    found = []
    if desired.get("image") and desired["image"] != config.get("Image"):
        found.append("image")
    elif image.get("Id") and image["Id"] != inspected.get("Image"):
        found.append("image build")
    if desired.get("command") is not None and list(desired["command"]) != list(config.get("Cmd") or ()):
        found.append("command")
    if _memory(desired) != int((inspected.get("HostConfig") or {}).get("Memory") or 0):
        found.append("mem_limit")
    return tuple(found) + tuple(
        f"environment {name}" for name in _environment(config, desired, image.get("Config") or {})
    )


def blanked_variables(inspected: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """Variables that have a value in the container and would have none after a recreate.

    Those without any value in the files come from the caller's environment, where they are unset; an explicit blank
    counts only for a name that tells of a secret.
    """
    running = environment_of(inspected.get("Config") or {})
    wanted = _wanted(desired)
    return tuple(
        sorted(
            name
            for name, value in wanted.items()
            if running.get(name) and (value is None or (value == "" and is_secret_name(name)))
        )
    )


def reference_of(desired: Mapping[str, Any]) -> str:
    """Why the hash cannot be compared: the service refers to another one's container, or an empty string.

    Compose puts that container's id in place of the name before it computes the hash of what it runs.
    """
    for key in _REFERRING:
        if str(desired.get(key) or "").startswith("service:"):
            return f"{key} refers to another service"
    return "volumes_from refers to another service" if desired.get("volumes_from") else ""


def attached_services(containers: Sequence[Mapping[str, Any]], targets: Mapping[str, str]) -> dict[str, str]:
    """Id of a container that lives in the namespaces of another one -> that one's service.

    When the other one is recreated, its network, IPC or PID namespace is gone, and with it what this container needs.

    :param containers: inspected containers.
    :param targets: id of each container that may be recreated -> its service.
    """
    found = {}
    for inspected in containers:
        host = inspected.get("HostConfig") or {}
        for key in ("NetworkMode", "IpcMode", "PidMode"):
            kind, _separator, other = str(host.get(key) or "").partition(":")
            if kind == "container" and other in targets and inspected.get("Id") not in targets:
                found[str(inspected.get("Id"))] = targets[other]
    return found


def _environment(config: Mapping[str, Any], desired: Mapping[str, Any], image_config: Mapping[str, Any]) -> list[str]:
    running, inherited, wanted = environment_of(config), environment_of(image_config), _wanted(desired)
    changed = {name for name, value in wanted.items() if value is not None and running.get(name) != value}
    gone = {name for name in running if name not in wanted and running[name] != inherited.get(name)}
    return sorted(changed | gone)


def _wanted(desired: Mapping[str, Any]) -> dict[str, str | None]:
    environment = desired.get("environment") or {}
    return {str(name): None if value is None else str(value) for name, value in environment.items()}


def _memory(desired: Mapping[str, Any]) -> int:
    limits = ((desired.get("deploy") or {}).get("resources") or {}).get("limits") or {}
    value = str(desired.get("mem_limit") or limits.get("memory") or 0)
    return int(value) if value.isdigit() else 0
