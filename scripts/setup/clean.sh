#!/bin/bash
# Take back what these scripts brought: labs, images, the engine and the packages, as far as they are remembered.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: clean.sh [--list]; --list only tells what would go. What was on the machine before stays.
# Exit code: 0 done, 1 something could not be removed (it is named, and remembered for another try).
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

LIST=${1:-}
FAILED=0

# step SENTENCE COMMAND...: tell it, and do it unless only listing
step() {
    say "clean: $1"
    [ "$LIST" = --list ] || "${@:2}" >/dev/null || { complain "clean: could not: $1"; FAILED=1; }
}

labs() { find "$REPO_ROOT/.cache/lab" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null || true; }

# Images of the lab that are there: the remembered ones, and those that later builds replaced.
lab_images() {
    local image
    for image in $(remembered images); do
        if docker image inspect "$image" >/dev/null 2>&1; then printf '%s\n' "$image"; fi
    done
    docker images -q --filter dangling=true --filter label=agentfoundry.lab.source
}

clean_docker() {
    local lab image
    for lab in $(labs); do
        step "the lab $lab: containers, networks, volumes" python3 "$REPO_ROOT/tests/lab/lab.py" --project "$lab" down
    done
    for image in $(lab_images); do step "the image $image" docker rmi "$image"; done
}

# Docker's data goes only when it was ours to begin with and holds nothing of anyone else.
data_is_ours() {
    remembered files | grep -qx /var/lib/docker && [ -z "$(docker ps -aq)$(docker images -q)$(docker volume ls -q)" ]
}

stop_engine() {
    local pid
    pid=$(cat "$ENGINE_PID_FILE")
    kill "$pid"
    # It takes its containers and its containerd along; SIGKILL would leave them behind.
    for _ in $(seq 150); do
        has_ended "$pid" && { rm -f "$ENGINE_PID_FILE"; return 0; }
        sleep 0.2
    done
    return 1
}

# A process that ended may still be listed, when its parent has not asked for its exit code (as in many containers).
has_ended() { ! grep -Eqs '^State:[[:space:]]+[^ZX]' "/proc/$1/status"; }

engine_is_ours() { [ -f "$ENGINE_PID_FILE" ] && grep -qs dockerd "/proc/$(cat "$ENGINE_PID_FILE")/comm"; }

# Packages that were installed since and need ours would go along: then ours stay.
purge_packages() {
    local packages extra
    mapfile -t packages < <(remembered packages)
    extra=$(apt-get purge -s "${packages[@]}" | awk '$1 == "Purg" || $1 == "Remv" {print $2}' \
        | grep -vxFf "$SETUP_STATE/packages" || true)
    if [ -n "$extra" ]; then
        complain "clean: others need these packages now: $(echo "$extra" | tr '\n' ' ')"
        return 1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq "${packages[@]}"
}

remove_file() {
    if [ "$1" = /var/lib/docker ] && { [ "$DATA_IS_OURS" = no ] || { [ "$LIST" != --list ] && engine_answers; }; }; then
        complain "clean: $1 stays: it holds what others made, or an engine is using it"
    else
        step "$1" rm -rf -- "$1"
    fi
}

main() {
    DATA_IS_OURS=no
    if engine_answers; then
        clean_docker
        if [ "$LIST" = --list ] || data_is_ours; then DATA_IS_OURS=yes; fi
    fi
    if engine_is_ours; then step "the engine that was started here (pid $(cat "$ENGINE_PID_FILE"))" stop_engine; fi
    if [ -n "$(remembered packages)" ]; then
        step "the packages $(remembered packages | tr '\n' ' ')" purge_packages
    fi
    local file
    for file in $(remembered files); do
        if [ -e "$file" ]; then remove_file "$file"; fi
    done
    if [ "$FAILED" = 1 ]; then exit 1; fi
    local sanity="${XDG_CACHE_HOME:-${HOME:-}/.cache}/agentfoundry.incident_response"
    if [ -d "$sanity" ]; then step "the environments of ansible-test in $sanity" rm -rf -- "$sanity"; fi
    if [ -d "$REPO_ROOT/.cache" ]; then step "$REPO_ROOT/.cache" rm -rf -- "$REPO_ROOT/.cache"; fi
}

main
