# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the manifest of model files. It comes out of a container, so nothing in it is trusted.

Known forms: ``{"model.json": "<sha256>"}``, ``{"model.json": {"sha256", "size"}}``, either of them below ``"files"``,
``{"files": [{"path", "sha256", "size"}]}``, and the text lines that sha256sum prints (coreutils manual, "sha2
utilities"), binary mark and backslash escapes included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SHA256 = re.compile(r"^[0-9a-fA-F]{64}$")
MAX_MANIFEST_BYTES = 1 << 20
MAX_MANIFEST_FILES = 1_000
_MAX_NAME = 1024
_LINE = re.compile(r"^(\\?)([0-9a-fA-F]{64}) [ *](.+)$")


class ManifestError(ValueError):
    """The manifest cannot be used. The message is one sentence without content of the manifest beyond a name."""


@dataclass(frozen=True)
class ExpectedFile:
    """What a model file must be.

    :param sha256: 64 hexadecimal digits in lower case.
    :param size: bytes, or None when nobody says.
    """

    sha256: str
    size: int | None = None


def parse_manifest(content: bytes) -> dict[str, ExpectedFile]:
    """File name -> what it must be; names are relative to the model directory and stay inside it.

    :param content: the file as read; one byte more than :data:`MAX_MANIFEST_BYTES` is enough to see that it is huge.
    :raises ManifestError: says what is wrong.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise ManifestError(f"it is larger than {MAX_MANIFEST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ManifestError("it is not UTF-8 text") from None
    if not text.strip():
        raise ManifestError("it is empty")
    entries = _from_json(text) if text.lstrip()[0] in "{[" else _from_lines(text)
    files: dict[str, ExpectedFile] = {}
    for raw_name, expected in entries:
        name = _without_dot(raw_name)
        reason = unsafe_name_reason(name)
        if reason:
            raise ManifestError(f"the name {_shown(name)} {reason}")
        if files.get(name, expected) != expected:
            raise ManifestError(f"it names {_shown(name)} twice with different values")
        files[name] = expected
        if len(files) > MAX_MANIFEST_FILES:
            raise ManifestError(f"it names more than {MAX_MANIFEST_FILES} files")
    if not files:
        raise ManifestError("it names no file")
    return files


def unsafe_name_reason(name: object) -> str:
    """Why a file name must not be used below the model directory, or an empty string."""
    if not isinstance(name, str) or not name:
        return "is no text"
    if len(name) > _MAX_NAME:
        return f"is longer than {_MAX_NAME} characters"
    if not name.isprintable():
        return "has characters that cannot be printed"
    if name.startswith("/") or "\\" in name:
        return "is not relative to the model directory"
    if any(part in ("", ".", "..") for part in name.split("/")):
        return "leaves the model directory or has an empty part"
    return ""


def _from_json(text: str) -> Iterable[tuple[str, ExpectedFile]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ManifestError("it is not valid JSON") from None
    if not isinstance(data, Mapping):
        raise ManifestError("its JSON is not an object")
    files = data.get("files")
    if isinstance(files, list):
        return [_entry(entry) for entry in files]
    if isinstance(files, Mapping):
        data = files
    return [(name, _described(entry, name)) for name, entry in data.items()]


def _entry(entry: object) -> tuple[str, ExpectedFile]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("path"), str):
        raise ManifestError("an entry of its list of files has no path")
    return entry["path"], _described(entry, entry["path"])


def _described(entry: object, name: str) -> ExpectedFile:
    if not isinstance(entry, Mapping):
        return ExpectedFile(_digest(entry, name))
    size = entry.get("size")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
        raise ManifestError(f"the size of {_shown(name)} is no number of bytes")
    return ExpectedFile(_digest(entry.get("sha256"), name), size)


def _digest(value: object, name: str) -> str:
    if isinstance(value, str) and SHA256.match(value):
        return value.lower()
    raise ManifestError(f"the SHA-256 of {_shown(name)} does not have 64 hexadecimal digits")


def _from_lines(text: str) -> Iterable[tuple[str, ExpectedFile]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if not match:
            raise ManifestError(f"line {number} is neither JSON nor a line of sha256sum")
        escaped, digest, name = match.groups()
        yield (_unescape(name) if escaped else name), ExpectedFile(digest.lower())


def _without_dot(name: str) -> str:
    """``sha256sum ./*`` writes ``./model.json``."""
    return name[2:] if name.startswith("./") else name


def _unescape(name: str) -> str:
    return name.replace("\\\\", "\0").replace("\\n", "\n").replace("\\r", "\r").replace("\0", "\\")


def _shown(name: object) -> str:
    return ascii(str(name)[:80])
