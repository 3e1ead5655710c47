# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of how containers are configured, from what the engine tells of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.model import Subject
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.seen import HOST, Seen
from ansible_collections.agentfoundry.incident_response.plugins.plugin_utils.compliance.subjects import (
    judged,
    not_applicable,
    unknown,
)

_RESTARTS = ("always", "unless-stopped", "on-failure")
_MOVING_TAGS = ("latest", "edge", "nightly", "main", "master", "dev", "stable")
_IMAGE = re.compile(r"^(?P<name>[^@]+?)(?::(?P<tag>[^:/@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$")


def restart_policy(seen: Seen) -> Iterator[Subject]:
    """Docker starts it again by itself. A job that ends by itself needs none."""
    for name, service, container in seen.containers():
        policy = container["restart_policy"]
        if service.get("may_complete"):
            yield not_applicable(name, f"{name} is a job that ends by itself.")
        else:
            fine = f"{name} is restarted ({policy})."
            yield judged(name, policy in _RESTARTS, fine, f"{name} stays down when it ends (restart policy {policy}).")


def health_check(seen: Seen) -> Iterator[Subject]:
    """Docker can tell whether it works."""
    for name, service, container in seen.containers():
        if service.get("may_complete"):
            yield not_applicable(name, f"{name} is a job that ends by itself.")
        else:
            bad = f"{name} has no health check of Docker's."
            yield judged(name, container["health_check"], f"{name} has a health check.", bad)


def memory_limit(seen: Seen) -> Iterator[Subject]:
    """One service cannot take the memory of all."""
    for name, _service, container in seen.containers():
        limit = container["memory_limit"]
        fine = f"{name} may take {(limit or 0) / 1e6:,.0f} MB."
        yield judged(name, bool(limit), fine, f"{name} has no memory limit: it can take all that the host has.")


def image_pinned(seen: Seen) -> Iterator[Subject]:
    """A recreate brings the same release: by a digest, or by a tag that names a release."""
    for name, _service, container in seen.containers():
        image = str(container["image"])
        match = _IMAGE.match(image)
        tag = match["tag"] if match else None
        pinned = bool(match and match["digest"]) or image.startswith("sha256:")
        good = pinned or (tag is not None and tag.lower() not in _MOVING_TAGS)
        why = f"the tag {tag} moves" if tag else "it has no tag, which means latest"
        yield judged(name, good, f"The image of {name} is pinned ({image}).", f"The image of {name}, {image}: {why}.")


def ports_listed(seen: Seen) -> Iterator[Subject]:
    """Published on the loopback only, unless the inventory lists the port."""
    for name, _service, container in seen.containers():
        allowed = set(seen.asked.ports.get(name, ()))
        published = [port for port in container["ports"] if port["host_port"]]
        open_ports = {
            port["container_port"]
            for port in published
            if not _is_loopback(port["host_ip"]) and port["container_port"] not in allowed
        }
        if published:
            shown = ", ".join(str(port) for port in sorted(open_ports))
            bad = f"{name} publishes {shown} on every address or one that others reach, and it is not listed."
            yield judged(name, not open_ports, f"The ports of {name} are on the loopback or listed.", bad)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False  # empty: every address


def not_privileged(seen: Seen) -> Iterator[Subject]:
    """A service that is broken into does not own the host."""
    for name, _service, container in seen.containers():
        yield judged(name, not container["privileged"], f"{name} is not privileged.", f"{name} is privileged.")


def no_engine_socket(seen: Seen) -> Iterator[Subject]:
    """Who can talk to the engine is root on the host."""
    for name, _service, container in seen.containers():
        bad = f"The engine's socket is mounted in {name}: who breaks into it is root on the host."
        yield judged(name, not container["engine_socket"], f"{name} cannot talk to the engine.", bad)


def log_rotation(seen: Seen) -> Iterator[Subject]:
    """No log grows without bounds. Other drivers than json-file and local keep no file of Docker's."""
    disk = seen.host.get("disk")
    logs = {log["service"]: log for log in (disk or {}).get("logs", [])}
    for name, _service, container in seen.containers():
        driver = container["log_driver"]
        if name in logs:
            fine, bad = f"The log of {name} is rotated.", f"The log of {name} grows without bounds ({driver})."
            yield judged(name, bool(logs[name]["rotated"]), fine, bad)
        elif driver in ("json-file", "local", ""):
            yield unknown(name, f"The log of {name} could not be looked at ({HOST} told nothing).")
        else:
            yield not_applicable(name, f"{name} logs to {driver}, which Docker does not keep.")
