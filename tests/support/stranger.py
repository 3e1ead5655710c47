# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's platform: a tiny Compose project of the lab's image, about which no inventory says anything."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from labtool.commands import run, wait_until
from labtool.platform import PYTHON_IMAGE

SERVER = """
import http.server, json, sys, time

for line in json.loads(sys.argv[1]):
    sys.stdout.buffer.write(line.encode("latin-1") + b"\\n")
sys.stdout.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/hang":
            time.sleep(600)
        if self.path == "/garbage":
            self.wfile.write(b"\\x00\\xff\\x1b[2J garbage\\r\\n")
            return
        self.send_response(302 if self.path == "/redirect" else 200)
        if self.path == "/redirect":
            self.send_header("Location", "http://192.0.2.1/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * 10485760 if self.path == "/flood" else b"ok")

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


def web(*log_lines: str, **more: Any) -> dict[str, Any]:
    """Return a service on port 8080 that begins its log with these lines.

    It answers 200, but for /hang, /garbage, /redirect (to an address elsewhere) and /flood (10 MB).

    :param log_lines: each character is written as one byte, so that a log need not be UTF-8.
    :param more: further keys of a Compose service.
    """
    return {
        "image": PYTHON_IMAGE,
        # Compose would take a dollar sign for a variable.
        "command": ["python3", "-u", "-c", SERVER.replace("$", "$$"), json.dumps(log_lines).replace("$", "$$")],
        "stop_grace_period": "1s",
        "ports": ["127.0.0.1::8080"],
        **more,
    }


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def project(name: str, services: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Bring the project up, wait until all its services run, and remove it at the end.

    :param services: Compose services by name.
    """
    file = folder / "compose.json"
    file.write_text(json.dumps({"name": name, "services": dict(services)}))
    compose = ["docker", "compose", "-f", str(file)]
    try:
        run([*compose, "up", "-d", "--quiet-pull"])
        wait_until(
            f"running services of {name}",
            lambda: len(run([*compose, "ps", "-q", "--status", "running"]).split()) == len(services),
        )
        for service, about in services.items():
            if "ports" in about:
                wait_until(
                    f"an answer of {service}", partial(_answers, run([*compose, "port", service, "8080"]).strip())
                )
        yield name
    finally:
        run([*compose, "down", "-v", "-t", "1"])
