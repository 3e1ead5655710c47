# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL is well, and still somebody cannot use it: it listens to nobody but itself, or refuses a password."""

from __future__ import annotations

from labtool.commands import wait_until
from labtool.fault import Fault, Memo
from labtool.platform import Platform
from labtool.recovery import make_well, recreate

REFUSED = "reporting-service"

# In the container, so that its configuration stays that of the Compose file: no recreate is called for.
_DEAF = """
set -eu
program=$(command -v postgres)
mv "$program" "$program.real"
cat >"$program" <<'END'
#!/bin/sh
for argument in "$@"; do
    shift
    case "$argument" in -clisten_addresses=*) ;; *) set -- "$@" "$argument" ;; esac
done
exec "$0.real" "$@"
END
chmod 755 "$program"
"""


def _inject_local_only(platform: Platform) -> None:
    """The word on the command line gets lost, and without one PostgreSQL listens on localhost, after a restart too."""
    platform.exec("postgres", "sh", "-c", _DEAF)
    platform.docker("restart", platform.container_id("postgres"))
    wait_until("PostgreSQL on localhost", lambda: platform.psql("SHOW listen_addresses") == "localhost")


def _undo_local_only(platform: Platform, memo: Memo) -> None:
    platform.psql("ALTER SYSTEM RESET listen_addresses")
    recreate(platform, "postgres")
    platform.wait_healthy(["postgres"])


def _inject_service_password(platform: Platform) -> None:
    recreate(platform, REFUSED, "db-service-password")
    # One rejection is somebody's typing error; three are a service. Docker's health check makes more of them.
    for _ in range(3):
        wait_until("a rejected service", lambda: platform.http(REFUSED, "/health")[0] == 503)


def _undo_service_password(platform: Platform, memo: Memo) -> None:
    make_well(platform, REFUSED)


FAULTS = (
    Fault(
        "db-local-only", "database",
        "PostgreSQL listens on localhost only: every check inside its container is content, and nobody else gets in.",
        _inject_local_only, _undo_local_only,
    ),
    Fault(
        "db-service-password", "database",
        "reporting-service has a wrong password in its own DATABASE_URL: PostgreSQL refuses it, and nobody else.",
        _inject_service_password, _undo_service_password,
    ),
)  # fmt: skip
