#!/bin/bash
# sshd, to which the tests let jobs of AWX log in, from Debian's package. It is unpacked below .cache/setup and not
# installed: no service is started, and nothing in /etc/ssh is made or changed.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Exit code: 0 it is there, or this machine cannot have it (then that is said, and its tests are skipped), 1 apt failed.
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FOLDER="$SETUP_STATE/openssh"

fetch() {
    rm -rf "$FOLDER.new"
    mkdir -p "$FOLDER.new/packages"
    # libwrap0 is the one library of it that a small system may not have.
    (cd "$FOLDER.new/packages" && apt-get download -qq -o APT::Sandbox::User=root openssh-server libwrap0) || return 1
    local package
    for package in "$FOLDER.new"/packages/*.deb; do dpkg-deb -x "$package" "$FOLDER.new" || return 1; done
    rm -rf "$FOLDER.new/packages" "$FOLDER"
    mv "$FOLDER.new" "$FOLDER"
}

main() {
    [ -x "$FOLDER/usr/sbin/sshd" ] && return
    if ! is_debian || ! is_root; then
        complain "ssh: sshd is unpacked, and run, as root on Debian only: the tests that log in by SSH are skipped."
        return
    fi
    command -v ssh-agent >/dev/null || apt_install openssh-client
    say "ssh: unpacking sshd from Debian's package (it is not installed)"
    fetch || { apt-get update -qq && fetch; } || { complain "ssh: apt failed"; exit 1; }
}

main
