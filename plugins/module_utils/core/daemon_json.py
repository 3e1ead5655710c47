# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DS-3: what daemon.json has to say so that logs are rotated. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import (
    IncidentResponseError,
    InvalidInputError,
)

PATH = "/etc/docker/daemon.json"
"""What dockerd reads when it was told no other file."""

FLAGS = ("--log-opt", "--log-driver")


@dataclass(frozen=True)
class Rotation:
    """How much of a log is kept: so many files of at most that size, in Docker's words (``10m``)."""

    max_size: str = "10m"
    max_file: int = 3


def parse_configuration(text: str, path: str) -> dict[str, Any]:
    """The settings in daemon.json; an empty file has none.

    :raises InvalidInputError: it is not JSON, or no object; it is never overwritten then.
    """
    if not text.strip():
        return {}
    try:
        data = json.loads(text, object_pairs_hook=_no_repetition)
    except ValueError as error:
        remedy = f"Put it right by hand: {error}. It is not touched as it is."
        raise InvalidInputError("path", path, remedy=remedy) from error
    if not isinstance(data, dict):
        raise InvalidInputError("path", path, remedy="It holds JSON, but no object; it is not touched as it is.")
    return data


def rotates(settings: Mapping[str, Any]) -> bool:
    """Whether the logs of containers that are made with these settings are rotated by the engine."""
    options = settings.get("log-opts")
    has_limit = isinstance(options, Mapping) and options.get("max-size") not in (None, "", "-1")
    return settings.get("log-driver") == "local" or (
        settings.get("log-driver", "json-file") == "json-file" and has_limit
    )


def merge_rotation(settings: Mapping[str, Any], wish: Rotation) -> dict[str, Any]:
    """The settings with rotation. What is there already stays: nothing is overwritten.

    :raises IncidentResponseError: another driver keeps the logs, which rotates them in its own way.
    """
    driver = settings.get("log-driver", "json-file")
    if driver == "local":
        return dict(settings)
    if driver != "json-file":
        raise IncidentResponseError(
            f"daemon.json sends logs to the driver {driver}, which has no max-size and max-file.",
            remedy="Set up rotation where that driver keeps them.",
        )
    options = settings.get("log-opts", {})
    if not isinstance(options, Mapping):
        raise IncidentResponseError("log-opts of daemon.json is no object.", remedy="Put it right by hand.")
    merged = {**options}
    merged.setdefault("max-size", wish.max_size)
    merged.setdefault("max-file", str(wish.max_file))
    return {**settings, "log-driver": "json-file", "log-opts": merged}


def refuse_flags(command_line: Sequence[str], path: str) -> None:
    """:raises IncidentResponseError: dockerd would not start, or reads another file."""
    for word in command_line:
        name = word.partition("=")[0]
        if name in FLAGS:
            raise IncidentResponseError(
                f"dockerd is started with {name}; with the same setting in daemon.json it would not start again.",
                remedy=f"Move {name} from its command line (systemctl cat docker) to {path} first.",
            )
    other = config_file(command_line)
    if other and other != path:
        raise IncidentResponseError(f"dockerd reads {other}, not {path}.", remedy=f"Give the path {other}.")


def command_line_of_reader(command_lines: Sequence[Sequence[str]], path: str) -> Sequence[str]:
    """With which words that dockerd was started that reads the file; several may run on a host."""
    by_name = [words for words in command_lines if config_file(words) == path]
    by_default = [words for words in command_lines if not config_file(words)]
    return next(iter([*by_name, *by_default, *command_lines]), ())


def config_file(command_line: Sequence[str]) -> str:
    """The file that dockerd was told to read; empty when it was told none."""
    for position, word in enumerate(command_line):
        name, separator, value = word.partition("=")
        if name == "--config-file":
            return value if separator else (list(command_line)[position + 1 : position + 2] or [""])[0]
    return ""


def as_text(settings: Mapping[str, Any]) -> str:
    """As Docker's own tools write it: four spaces, the order kept."""
    return json.dumps(settings, indent=4, ensure_ascii=False) + "\n" if settings else ""


def _no_repetition(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice would lose its first value without a word."""
    names = [name for name, _value in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the key {name} stands in it twice")
    return dict(pairs)
