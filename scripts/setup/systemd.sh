#!/bin/bash
# systemd-analyze, which looks at the units of the role schedule in the tests. systemd itself is not started.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Exit code: 0 it is there, or this machine cannot have it (then that is said, and one test is skipped), 1 apt failed.
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
    command -v systemd-analyze >/dev/null && return
    if ! is_debian || ! is_root; then
        complain "systemd: there is no systemd-analyze, and it is installed as root on Debian only: the test that lets"
        complain "systemd: systemd look at the units of the role schedule is skipped. Install the package systemd to run it."
        return
    fi
    say "systemd: installing systemd-analyze from Debian's packages (it is not started)"
    mkdir -p "$SETUP_STATE"
    apt_install systemd || { complain "systemd: apt failed:"; tail -5 "$SETUP_STATE/apt.log" >&2; exit 1; }
}

main
