# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's Compose project: one service on which five others depend, and no word of configuration about any."""

from __future__ import annotations

import json
from pathlib import Path

from labtool.commands import run, wait_until
from labtool.platform import PYTHON_IMAGE, Platform

BASE = "ledger"
DEPENDANTS = ("baskets", "invoices", "orders", "refunds", "stock")
_PROGRAM = """
import http.server, signal, sys, urllib.request
needed = sys.argv[1:]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            for url in needed:
                urllib.request.urlopen(url, timeout=1).read()
            code = 200
        except OSError:
            code = 503
        self.send_response(code)
        self.end_headers()
    def log_message(self, *_):
        pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


class Stranger(Platform):
    """The project; its Compose file is kept in ``folder``."""

    def __init__(self, project: str, folder: Path) -> None:
        super().__init__(project)
        self._file = folder / "compose.yaml"
        self._file.write_text(json.dumps({"name": project, "services": _services()}))

    def up(self) -> None:
        """Bring it up; returns when all six are healthy."""
        run(["docker", "compose", "-f", str(self._file), "up", "-d", "--wait", "--wait-timeout", "60"])

    def down(self) -> None:
        """Remove it."""
        run(["docker", "compose", "-f", str(self._file), "down", "-t", "0"])

    def kill_base(self) -> None:
        """Kill the one that the others need; returns when Docker, too, sees that these are not well."""
        self.docker("kill", self.container_id(BASE))
        wait_until("five services that suffer", lambda: set(DEPENDANTS) == self._ill())

    def _ill(self) -> set[str]:
        return {one.service for one in self.containers().values() if one.health == "unhealthy" and one.service != BASE}


def _services() -> dict[str, object]:
    services: dict[str, object] = {BASE: _service()}
    for name in DEPENDANTS:
        services[name] = {**_service(f"http://{BASE}:8080/health"), "depends_on": [BASE]}
    return services


def _service(*needed: str) -> dict[str, object]:
    check = ["CMD", "curl", "-fsS", "-m", "2", "-o", "/dev/null", "http://127.0.0.1:8080/health"]
    return {
        "image": PYTHON_IMAGE,
        "command": ["python3", "-c", _PROGRAM, *needed],
        "restart": "unless-stopped",
        "healthcheck": {"test": check, "interval": "2s", "timeout": "3s", "retries": 1, "start_period": "5s"},
    }
