# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RabbitMQ's management API over HTTP. Credentials stand in a header and nowhere else."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.http_client import (
    HttpAnswer,
    HttpClient,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError

_LIMIT = 32 << 20
"""Bytes of an answer that are read."""


class ApiError(CommandFailedError):
    """The API gave no good answer.

    :param refused: True when it does not take these credentials.
    """

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


class RabbitmqApi:
    """One way to one broker.

    :param base: ``http://127.0.0.1:15672``.
    :param via: that way in words.
    :param deadline: seconds for one request.
    """

    def __init__(self, http: HttpClient, base: str, user: str, password: str, *, via: str, deadline: float) -> None:
        self._http = http
        self._base = base
        self._login = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._deadline = deadline
        self.via = via

    def get(self, path: str) -> Any:
        """The JSON answer.

        :raises ApiError: there is none.
        """
        return self._call("GET", path)

    def get_list(self, path: str) -> list[Any]:
        """The JSON answer, which has to be a list.

        :raises ApiError: it is none; what answers is no management API of a broker then.
        """
        answer = self.get(path)
        if not isinstance(answer, list):
            raise ApiError("What answers is no management API of RabbitMQ.")
        return answer

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Declare something; it may be there already."""
        return self._call("PUT", path, body)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for something to be done."""
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Basic {self._login}", "Accept": "application/json"}
        data = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        url = f"{self._base}/api/{path}"
        answer = self._http.request(method, url, deadline=self._deadline, body=data, headers=headers, limit=_LIMIT)
        return _read(answer)


def _read(answer: HttpAnswer) -> Any:
    if answer.status in (401, 403):
        raise ApiError("The management API does not take these credentials.", refused=True)
    if answer.failure or answer.status is None:
        raise ApiError(answer.error or "The management API gave no answer.")
    if not 200 <= answer.status < 300:
        raise ApiError(f"The management API answers with HTTP {answer.status}.")
    if answer.truncated:
        raise ApiError(f"The management API's answer is longer than {_LIMIT} bytes.")
    try:
        return json.loads(answer.body) if answer.body else None
    except (ValueError, RecursionError) as error:
        raise ApiError("The management API's answer is no JSON.") from error


def part(name: str) -> str:
    """A virtual host, queue or exchange as a part of a path."""
    return quote(name, safe="")
