# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker's event stream: events as Docker 20.10 writes them, and an executable that plays recorded streams."""

from __future__ import annotations

import itertools
import json
import shlex
from collections.abc import Mapping
from pathlib import Path

_TIMES = itertools.count(1_772_200_100_000_000_000)


def docker_event(
    action: str,
    service: str,
    *,
    project: str = "shop",
    container: str = "",
    number: str = "1",
    at: int | None = None,
    labels: Mapping[str, str] | None = None,
) -> bytes:
    """A line of the stream.

    :param at: nanoseconds since the epoch; each event has a time of its own when it is left out.
    """
    time = next(_TIMES) if at is None else at
    attributes = {
        "com.docker.compose.container-number": number,
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "image": f"example/{service}:1",
        "name": f"{project}-{service}-{number}",
        **({"exitCode": "1"} if action == "die" else {}),
        **(labels or {}),
    }
    event = {
        "status": action,
        "id": container or f"{service}-{number}",
        "Type": "container",
        "Action": action,
        "Actor": {"ID": container or f"{service}-{number}", "Attributes": attributes},
        "scope": "local",
        "time": time // 10**9,
        "timeNano": time,
    }
    return json.dumps(event).encode()


class FakeStream:
    """The executable ``path``: each call plays the next recorded stream, and the last one stays open.

    :param listed: what is down, as each listing of containers shows it.
    """

    def __init__(self, folder: Path, *streams: bytes, listed: bytes = b"") -> None:
        self.path = str(folder / "docker")
        self._calls = folder / "calls"
        self._calls.touch()
        for number, stream in enumerate(streams):
            (folder / f"{number}.stream").write_bytes(stream)
        (folder / "listed").write_bytes(listed)
        quoted = shlex.quote(str(folder))
        script = f"""#!/bin/sh
case "$*" in
    "ps "*status=exited*) cat {quoted}/listed; exit ;;
    "ps "*) exit ;;
esac
number=$(($(wc -l < {quoted}/calls)))
printf '%s\\n' "$*" >> {quoted}/calls
cat {quoted}/$number.stream
[ $number -lt {len(streams) - 1} ] || exec sleep 300
exit 1
"""
        Path(self.path).write_text(script, encoding="utf-8")
        Path(self.path).chmod(0o755)

    @property
    def since(self) -> list[str]:
        """From when each call asked for events."""
        calls = self._calls.read_text(encoding="utf-8").splitlines()
        return [words[words.index("--since") + 1] for words in map(str.split, calls)]
