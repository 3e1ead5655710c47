# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of authentication: one service with another secret, another clock or another token lifetime."""

from __future__ import annotations

import secrets
from typing import Any

from labtool.commands import LabError, wait_until
from labtool.fault import Fault, Inject, Memo, Undo
from labtool.platform import Platform
from labtool.recovery import make_well, recreate, set_variable

TWO = ("compliance-monitor", "reporting-service")


def _log_in(platform: Platform) -> dict[str, Any]:
    """Return what the probe account gets: {"token", "expires_in" in seconds}."""
    account = {"username": "probe", "password": platform.variables()["PROBE_PASSWORD"]}
    status, answer = platform.http("user-service", "/login", account)
    if status != 200:
        raise LabError(f"the log-in of the probe account answers {status}: {answer}")
    return dict(answer)


def _refusal(platform: Platform, service: str) -> str:
    """Return why a service refuses a fresh token of user-service; '' when it takes it."""
    status, answer = platform.http(
        service, "/whoami", headers={"Authorization": f"Bearer {_log_in(platform)['token']}"}
    )
    if status == 0:
        raise LabError(f"{service} does not answer")
    return "" if status == 200 else str(answer["error"])


def _inject(service: str, override: str, verifier: str, reason: str) -> Inject:
    """Recreate the service with an override; visible when the verifier refuses fresh tokens for that reason."""

    def inject(platform: Platform) -> None:
        recreate(platform, service, override=override)
        wait_until(f"{verifier} refusing with {reason}", lambda: reason in _refusal(platform, verifier))

    return inject


def _inject_short_lived(platform: Platform) -> None:
    recreate(platform, "user-service", override="auth-short-lived")
    wait_until("a short-lived token", lambda: bool(_log_in(platform)["expires_in"] == 1))


def _inject_two(platform: Platform) -> None:
    for service in TWO:
        recreate(platform, service, override="auth-secret-two")
    wait_until("both refusing", lambda: all("InvalidSignatureError" in _refusal(platform, name) for name in TWO))


def _inject_source(platform: Platform) -> Memo:
    before = platform.variables()["JWT_SECRET"]
    set_variable(platform, "JWT_SECRET", secrets.token_hex(24))
    recreate(platform, "reporting-service")
    wait_until("a refusal", lambda: "InvalidSignatureError" in _refusal(platform, "reporting-service"))
    return {"before": before}


def _undo_source(platform: Platform, memo: Memo) -> None:
    # Somebody may have rotated the secret, or spread the new one: then all agree with the env file.
    if platform.drifted():
        set_variable(platform, "JWT_SECRET", str(memo["before"]))
    for service in platform.drifted():
        make_well(platform, service)


def _undo_two(platform: Platform, memo: Memo) -> None:
    for service in TWO:
        make_well(platform, service)


def _undo_on(service: str) -> Undo:
    def undo(platform: Platform, memo: Memo) -> None:
        make_well(platform, service)

    return undo


FAULTS = (
    Fault(
        "auth-secret-issuer", "authentication",
        "user-service signs with another JWT_SECRET: every other service refuses its tokens, each /health is green.",
        _inject("user-service", "auth-secret-issuer", "reporting-service", "InvalidSignatureError"),
        _undo_on("user-service"),
    ),
    Fault(
        "auth-secret-verifier", "authentication",
        "reporting-service has another JWT_SECRET than the rest: it alone refuses good tokens.",
        _inject("reporting-service", "auth-secret-verifier", "reporting-service", "InvalidSignatureError"),
        _undo_on("reporting-service"),
    ),
    Fault(
        "auth-secret-two", "authentication",
        "compliance-monitor and reporting-service have another JWT_SECRET than the rest, and share it.",
        _inject_two, _undo_two,
    ),
    Fault(
        "auth-secret-newline", "authentication",
        "The JWT_SECRET of reporting-service has a newline at its end, so that it refuses good tokens.",
        _inject("reporting-service", "auth-secret-newline", "reporting-service", "InvalidSignatureError"),
        _undo_on("reporting-service"),
    ),
    Fault(
        "auth-secret-source", "authentication",
        "Somebody changed JWT_SECRET in the env file, and reporting-service was made anew with it.",
        _inject_source, _undo_source,
    ),
    Fault(
        "auth-clock-behind", "authentication",
        "The clock of user-service is 2 h behind: its tokens have expired when they are issued.",
        _inject("user-service", "auth-clock-behind", "reporting-service", "ExpiredSignatureError"),
        _undo_on("user-service"),
    ),
    Fault(
        "auth-clock-ahead", "authentication",
        "The clock of user-service is 2 h ahead: its tokens are not valid yet.",
        _inject("user-service", "auth-clock-ahead", "reporting-service", "ImmatureSignatureError"),
        _undo_on("user-service"),
    ),
    Fault(
        "auth-short-lived", "authentication",
        "TOKEN_TTL of user-service is 1 s: tokens expire before they are used.",
        _inject_short_lived, _undo_on("user-service"),
    ),
)  # fmt: skip
