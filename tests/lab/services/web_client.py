# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to the other services."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from .web import HttpError


def call(
    url: str,
    timeout: float,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON object that a service answers (POST when there is a body, else GET).

    Raises HttpError: 504 when it does not answer in `timeout` seconds, 502 when it cannot be reached or answers
    something else than JSON.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json", **(headers or {})})
    try:
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return response.status, json.loads(response.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
    except TimeoutError:
        raise HttpError(504, f"timeout calling {url}") from None
    except urllib.error.URLError as error:
        status = 504 if isinstance(error.reason, TimeoutError) else 502
        raise HttpError(status, f"{error.reason} calling {url}") from None
    except (OSError, ValueError) as error:
        raise HttpError(502, f"{error} calling {url}") from None


def require_ok(url: str, timeout: float) -> None:
    """Raise RuntimeError unless the URL answers 200: the check of a dependency that is a service."""
    status, _ = call(url, timeout)
    if status != 200:
        raise RuntimeError(f"HTTP {status} from {url}")
