# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker's client, answering for the recorded project ``shop`` (services db, web, sidecar and batch)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.command import CommandResult

RECORDED = Path(__file__).resolve().parent.parent / "fixtures" / "compose" / "2.26.1"


def recorded(name: str) -> bytes:
    """What the tool printed."""
    return (RECORDED / name).read_bytes()


def recorded_containers() -> list[dict[str, Any]]:
    """``docker inspect`` of the project's three containers: shop-db-1, shop-sidecar-1 and shop-web-1."""
    containers: list[dict[str, Any]] = json.loads(recorded("inspect.json"))
    return containers


def answer(stdout: bytes = b"", stderr: bytes = b"", exit_code: int = 0, *, timed_out: bool = False) -> CommandResult:
    """A result whose argv and duration do not matter."""
    return CommandResult((), exit_code, stdout, stderr, 0.1, timed_out)


class RecordedRunner:
    """Answers by the words of the command. What has no answer fails the test.

    :param answers: words that must all stand in the command -> its result. The first that fits is taken; they go
        before the recorded ones, where nothing differs from the files.
    """

    def __init__(
        self,
        answers: Mapping[tuple[str, ...], CommandResult] | None = None,
        containers: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        inspected = recorded_containers() if containers is None else list(containers)
        self.calls: list[tuple[str, ...]] = []
        self._answers = [*(answers or {}).items(), *_nothing_differs(inspected).items()]

    def run(
        self, argv: Sequence[str], *, deadline: float, stdin: bytes | None = None, limit: int = 1 << 20
    ) -> CommandResult:
        self.calls.append(tuple(argv))
        for words, result in self._answers:
            if set(words) <= set(argv):
                return result
        raise AssertionError(f"no answer is recorded for {argv}")

    def stream(self, argv: Sequence[str], *, deadline: float) -> AbstractContextManager[BinaryIO]:
        return io.BytesIO()

    def called(self, *words: str) -> list[tuple[str, ...]]:
        """The calls in which all of these words stand."""
        return [call for call in self.calls if set(words) <= set(call)]


def _nothing_differs(inspected: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], CommandResult]:
    rows = [
        "\t".join([one["Id"], "shop", one["Config"]["Labels"]["com.docker.compose.service"], "False"])
        for one in inspected
    ]
    return {
        ("ps",): answer("\n".join(rows).encode()),
        ("inspect", "container"): answer(json.dumps(inspected).encode()),
        ("image", "inspect", "debian:bookworm-slim"): answer(recorded("image.json")),
        ("image", "inspect"): answer(b"", b"Error: No such image", 1),
        ("version", "--short"): answer(recorded("version.txt")),
        ("config", "--format", "json"): answer(recorded("config.json")),
        ("config", "--hash", "-"): answer(recorded("hashes-without-dependencies-of-web.txt")),
        ("config", "--hash"): answer(recorded("hashes.txt")),
        ("up", "--dry-run"): answer(b"", recorded("dry-run-nothing-differs.stderr")),
    }
