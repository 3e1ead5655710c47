#!/bin/bash
# Build the lab's images side by side; an image that was built from the same source is left as it is.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# POSTGRES_IMAGE, REDIS_IMAGE and RABBITMQ_IMAGE name images to use instead (for example postgres:16, redis:7 and
# rabbitmq:3-management where a registry can be reached): those are then not built here. BASE_IMAGE names another
# base. Exit code: as of base-image.sh, or Docker's.
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

LAB="$REPO_ROOT/tests/lab"
export BASE_IMAGE=${BASE_IMAGE:-debian:bookworm-slim}

# source_digest PATH...: one digest over the names and bytes of everything below these paths, and the base's name
source_digest() {
    (
        cd "$LAB"
        printf '%s\n' "$BASE_IMAGE"
        find "$@" -type f -not -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    ) | sha256sum | cut -c1-16
}

up_to_date() { [ "$(docker image inspect --format '{{index .Config.Labels "agentfoundry.lab.source"}}' "$1" 2>/dev/null)" = "$2" ]; }

main() {
    export SOURCE_PYTHON_SERVICE SOURCE_POSTGRES SOURCE_REDIS SOURCE_RABBITMQ
    SOURCE_PYTHON_SERVICE=$(source_digest images/python-service services model .dockerignore)
    SOURCE_POSTGRES=$(source_digest images/postgres)
    SOURCE_REDIS=$(source_digest images/redis)
    SOURCE_RABBITMQ=$(source_digest images/rabbitmq)

    local stale=()
    up_to_date agentfoundry-lab/python-service:1 "$SOURCE_PYTHON_SERVICE" || stale+=(python-service)
    [ -n "${POSTGRES_IMAGE:-}" ] || up_to_date agentfoundry-lab/postgres:15 "$SOURCE_POSTGRES" || stale+=(postgres)
    [ -n "${REDIS_IMAGE:-}" ] || up_to_date agentfoundry-lab/redis:7 "$SOURCE_REDIS" || stale+=(redis)
    [ -n "${RABBITMQ_IMAGE:-}" ] || up_to_date agentfoundry-lab/rabbitmq:3-management "$SOURCE_RABBITMQ" || stale+=(rabbitmq)
    [ "${#stale[@]}" -gt 0 ] || return 0

    "$REPO_ROOT/scripts/setup/base-image.sh" "$BASE_IMAGE"
    say "images: building ${stale[*]}"
    mkdir -p "$SETUP_STATE"
    docker compose -f "$LAB/build.yaml" build "${stale[@]}" >"$SETUP_STATE/build.log" 2>&1 || {
        complain "images: the build failed (whole log: $SETUP_STATE/build.log):"
        tail -20 "$SETUP_STATE/build.log" >&2
        exit 1
    }
    remember images agentfoundry-lab/python-service:1
    [ -n "${POSTGRES_IMAGE:-}" ] || remember images agentfoundry-lab/postgres:15
    [ -n "${REDIS_IMAGE:-}" ] || remember images agentfoundry-lab/redis:7
    [ -n "${RABBITMQ_IMAGE:-}" ] || remember images agentfoundry-lab/rabbitmq:3-management
}

main
