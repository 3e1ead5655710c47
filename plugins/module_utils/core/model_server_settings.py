# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says about a model server: its canary inference, who calls it, and its model files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_manifest import (
    SHA256,
    unsafe_name_reason,
)

_KEYS = (
    "caller",
    "canary",
    "files",
    "hash_deadline",
    "known_good",
    "latency_limit_ms",
    "load_deadline",
    "manifest",
    "model_dir",
    "readiness_path",
)
_CANARY_KEYS = ("body", "deadline", "expect", "headers", "method", "path")
_METHODS = ("GET", "POST", "PUT")
_HEADER_NAME = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")


@dataclass(frozen=True)
class Canary:
    """One small inference with a known answer.

    :param path: path and query on the model server.
    :param method: GET, POST or PUT.
    :param body: what is sent, as bytes. Structured data was turned into JSON.
    :param expect: a JMESPath expression that the answer must make true, or an empty string.
    :param deadline: seconds until an answer must be complete.
    :param headers: header name -> value. Values may be secret: they never enter a command line.
    """

    path: str
    method: str = "POST"
    body: bytes = b""
    expect: str = ""
    deadline: float = 5.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelServerSettings:
    """The inventory's part on a model server. Every default means 'not configured'.

    :param canary: the inference to try, or None.
    :param callers: services from whose network it is tried as well; None means the running direct dependants.
    :param model_dir: directory of the model files in the container, or an empty string.
    :param manifest: path of the manifest in the container; ``<model_dir>/manifest.json`` when empty.
    :param files: file name below ``model_dir`` -> SHA-256 (hex). Wins over any manifest in the container.
    :param known_good: directory on the target host with a good copy of the model files, or an empty string.
    :param latency_limit_ms: milliseconds a canary may take; None means the platform's threshold.
    :param readiness_path: path that says whether the server is ready, or an empty string.
    :param load_deadline: seconds that loading the model may take after the start.
    :param hash_deadline: seconds that hashing the model files may take.
    """

    canary: Canary | None = None
    callers: tuple[str, ...] | None = None
    model_dir: str = ""
    manifest: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    known_good: str = ""
    latency_limit_ms: float | None = None
    readiness_path: str = ""
    load_deadline: float = 300.0
    hash_deadline: float = 120.0

    @property
    def manifest_path(self) -> str:
        """Where the manifest is looked for in the container; empty when ``files`` makes it needless."""
        if self.files or not (self.manifest or self.model_dir):
            return ""
        return self.manifest or f"{self.model_dir.rstrip('/')}/manifest.json"


def read_model_server_settings(data: object, option: str = "model_server") -> ModelServerSettings:
    """Settings from plain data.

    :param option: what to call it in an error, for example ``services.model-server.model_server``.
    :raises InvalidInputError: names the key that is wrong or unknown.
    """
    if data is None:
        return ModelServerSettings()
    settings = _mapping(data, option, _KEYS)
    defaults = ModelServerSettings()
    model_dir = _directory(settings.get("model_dir"), f"{option}.model_dir")
    files = read_expected_files(settings.get("files"), f"{option}.files")
    if files and not model_dir:
        raise InvalidInputError(f"{option}.model_dir", model_dir, remedy="Say in which directory the files are.")
    latency = settings.get("latency_limit_ms")
    return ModelServerSettings(
        canary=_canary(settings.get("canary"), f"{option}.canary"),
        callers=_callers(settings.get("caller"), f"{option}.caller"),
        model_dir=model_dir,
        manifest=_directory(settings.get("manifest"), f"{option}.manifest"),
        files=files,
        known_good=_directory(settings.get("known_good"), f"{option}.known_good"),
        latency_limit_ms=None if latency is None else _positive(latency, f"{option}.latency_limit_ms"),
        readiness_path=_url_path(settings.get("readiness_path", ""), f"{option}.readiness_path", required=False),
        load_deadline=_positive(settings.get("load_deadline", defaults.load_deadline), f"{option}.load_deadline"),
        hash_deadline=_positive(settings.get("hash_deadline", defaults.hash_deadline), f"{option}.hash_deadline"),
    )


def read_expected_files(data: object, option: str) -> dict[str, str]:
    """File name -> SHA-256 in lower case, from plain data.

    :raises InvalidInputError: a name leaves the directory, or a value is no SHA-256.
    """
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, data, remedy="Give a mapping of file name to SHA-256.")
    files = {}
    for name, digest in data.items():
        reason = unsafe_name_reason(name)
        if reason:
            raise InvalidInputError(f"{option}.{name}", name, remedy=f"The file name {reason}.")
        if not isinstance(digest, str) or not SHA256.match(digest):
            raise InvalidInputError(f"{option}.{name}", digest, remedy="Give the SHA-256 as 64 hexadecimal digits.")
        files[str(name)] = digest.lower()
    return files


def _canary(data: object, option: str) -> Canary | None:
    if data is None or data is False:
        return None
    settings = _mapping(data, option, _CANARY_KEYS)
    method = settings.get("method", "POST")
    if method not in _METHODS:
        raise InvalidInputError(f"{option}.method", method, remedy=f"Use one of: {', '.join(_METHODS)}.")
    expect = settings.get("expect", "")
    if not isinstance(expect, str):
        raise InvalidInputError(f"{option}.expect", expect, remedy="Give a JMESPath expression.")
    return Canary(
        path=_url_path(settings.get("path"), f"{option}.path", required=True),
        method=method,
        body=_body(settings.get("body"), f"{option}.body"),
        expect=expect,
        deadline=_positive(settings.get("deadline", 5.0), f"{option}.deadline"),
        headers=_headers(settings.get("headers"), f"{option}.headers"),
    )


def _body(value: object, option: str) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value).encode()
    raise InvalidInputError(option, value, remedy="Give a text, or a mapping or list that is sent as JSON.")


def _headers(value: object, option: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        # The value is not shown: it may be a secret.
        raise InvalidInputError(option, type(value).__name__, remedy="Give a mapping of header name to value.")
    headers = {}
    for name, text in value.items():
        if not isinstance(name, str) or not _HEADER_NAME.match(name):
            raise InvalidInputError(option, name, remedy="A header name has letters, digits and dashes.")
        if not isinstance(text, str) or not text.isprintable():
            raise InvalidInputError(f"{option}.{name}", "(hidden)", remedy="Give one line of printable text.")
        headers[name] = text
    return headers


def _callers(value: object, option: str) -> tuple[str, ...] | None:
    """None: the default. An empty tuple: switched off."""
    if value is None:
        return None
    if value is False:
        return ()
    names = _mapping(value, option, ("service",)).get("service")
    if isinstance(names, str) and names:
        return (names,)
    if isinstance(names, (list, tuple)) and names and all(isinstance(name, str) and name for name in names):
        return tuple(names)
    raise InvalidInputError(f"{option}.service", names, remedy="Name the calling service, or a list of them.")


def _mapping(value: object, option: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInputError(option, value, remedy=f"Give a mapping with the keys {', '.join(keys)}.")
    unknown = sorted(str(key) for key in value if key not in keys)
    if unknown:
        raise InvalidInputError(f"{option}.{unknown[0]}", "(unknown key)", remedy=f"Known keys: {', '.join(keys)}.")
    return value


def _directory(value: object, option: str) -> str:
    """An absolute path without traversal, or an empty string."""
    if value is None or value == "":
        return ""
    if isinstance(value, str) and value.startswith("/") and value.isprintable() and ".." not in value.split("/"):
        return value
    raise InvalidInputError(option, value, remedy="Give an absolute path without '..'.")


def _url_path(value: object, option: str, *, required: bool) -> str:
    if value == "" and not required:
        return ""
    if isinstance(value, str) and re.match(r"^/[!-~]*$", value) and not value.startswith("//"):
        return value
    raise InvalidInputError(option, value, remedy="Give a path that begins with '/', such as '/predict'.")


def _positive(value: object, option: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf"):
        return float(value)
    raise InvalidInputError(option, value, remedy="Give a positive number.")
