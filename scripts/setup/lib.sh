# Shared by the scripts of this folder: messages, and the memory of what they installed or started.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The memory is one text file per kind below .cache/setup/ of this checkout, one item a line, so that clean.sh takes
# back exactly what these scripts brought and nothing that was on the machine before.
# shellcheck shell=bash

REPO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SETUP_STATE="$REPO_ROOT/.cache/setup"
# shellcheck disable=SC2034  # the scripts that read this file use them
ENGINE_LOG="$SETUP_STATE/dockerd.log"
# shellcheck disable=SC2034
ENGINE_PID_FILE="$SETUP_STATE/dockerd.pid"

say() { printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

# remember KIND ITEM: add one item to a memory (no item is kept twice)
remember() {
    mkdir -p "$SETUP_STATE"
    grep -qxF -- "$2" "$SETUP_STATE/$1" 2>/dev/null || printf '%s\n' "$2" >>"$SETUP_STATE/$1"
}

# remembered KIND: print the items of a memory, one a line; nothing when there are none
remembered() { cat "$SETUP_STATE/$1" 2>/dev/null || true; }

forget() { rm -f "$SETUP_STATE/$1"; }

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
compose_answers() { docker compose version --short 2>/dev/null | grep -Eq '^v?([2-9]|[1-9][0-9]+)\.'; }

is_debian() { grep -qsE '^ID=debian$' /etc/os-release; }
is_root() { [ "$(id -u)" = 0 ]; }

# apt_install PACKAGE...: install packages and remember those that were not there before, dependencies too
apt_install() {
    local new
    # A plain 'Inst name (version' line is a new package; 'Inst name [old] (new' would be an upgrade.
    if ! new=$(apt-get install -s --no-install-recommends "$@" 2>/dev/null | awk '$1 == "Inst" && $3 ~ /^\(/ {print $2}') \
        || [ -z "$new" ]; then
        apt-get update -qq
        new=$(apt-get install -s --no-install-recommends "$@" | awk '$1 == "Inst" && $3 ~ /^\(/ {print $2}')
    fi
    local package
    for package in $new; do remember packages "$package"; done
    if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$SETUP_STATE/apt.log" 2>&1; then
        # The package list may be older than the mirror: once more with a fresh one.
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$SETUP_STATE/apt.log" 2>&1
    fi
}

# debian_mirror: the mirror this machine's apt uses for its own Debian release; fails when there is none
debian_mirror() {
    # apt tells its mirrors only once it has fetched their lists.
    [ -n "$(known_mirror)" ] || apt-get update -qq
    known_mirror | grep . || { complain "apt has no mirror of this Debian release: see /etc/apt/sources.list"; return 1; }
}

known_mirror() {
    local codename
    codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
    # shellcheck disable=SC2016  # these are apt's own placeholders
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' \
        | awk -v codename="$codename" '($2 == codename || $2 == "stable") && $3 == "main" && !found++ {print $1}'
}
