#!/bin/bash
# Headless Chromium, which shows the HTML pages in the tests.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Exit code: 0 it is there, or this machine cannot have it (that is said, and its tests are skipped), 1 apt failed.
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
    command -v chromium >/dev/null && return
    if ! is_debian || ! is_root; then
        complain "chromium: there is no 'chromium', and it is installed as root on Debian only: the tests that look at"
        complain "chromium: the HTML pages in a browser are skipped. Install Chromium to run them."
        return
    fi
    say "chromium: installing Debian's package"
    mkdir -p "$SETUP_STATE"
    apt_install chromium fonts-dejavu-core || { complain "chromium: apt failed:"; tail -5 "$SETUP_STATE/apt.log" >&2; exit 1; }
}

main
