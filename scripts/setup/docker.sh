#!/bin/bash
# A Docker engine that answers, and Compose v2. What is there already is used as it is.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Exit code: 0 both answer, 3 this machine has none and the script cannot install them here, 1 a step failed.
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

COMPOSE_PLUGIN=/usr/local/lib/docker/cli-plugins/docker-compose
# The first Debian release that carries Compose v2; its statically linked plugin runs on older ones as well.
COMPOSE_RELEASE=trixie
ENGINE_DEADLINE_SECONDS=60

refuse() {
    complain "No Docker engine with Compose v2 answers, and $1."
    complain "Please install Docker Engine and its Compose plugin (https://docs.docker.com/engine/install/), start it,"
    complain "see that 'docker compose version' and 'docker info' work for this user, and run this again."
    exit 3
}

require_debian_root() {
    is_debian || refuse "this script installs them on Debian only"
    is_root || refuse "installing them takes root (if an engine is running: is this user in the group 'docker'?)"
}

install_engine() {
    command -v dockerd >/dev/null && return
    say "docker: installing the engine from Debian's packages"
    mkdir -p "$SETUP_STATE"
    [ -e /var/lib/docker ] || remember files /var/lib/docker
    apt_install docker.io iptables ca-certificates || { complain "docker: apt failed:"; tail -5 "$SETUP_STATE/apt.log" >&2; exit 1; }
}

wait_for_engine() {
    local deadline=$((SECONDS + $1))
    until engine_answers; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        systemctl start docker
        wait_for_engine "$ENGINE_DEADLINE_SECONDS" && return
        complain "docker: systemd started the service, but the engine does not answer: see 'journalctl -u docker'"
        exit 1
    fi
    say "docker: starting the engine (no systemd here; log: $ENGINE_LOG)"
    mkdir -p "$SETUP_STATE"
    # A pid file that outlived its engine would keep the new one from starting.
    if [ -f /run/docker.pid ] && ! grep -qs dockerd "/proc/$(cat /run/docker.pid)/comm"; then rm -f /run/docker.pid; fi
    setsid nohup dockerd >"$ENGINE_LOG" 2>&1 </dev/null &
    printf '%s\n' "$!" >"$ENGINE_PID_FILE"
    wait_for_engine "$ENGINE_DEADLINE_SECONDS" || { complain "docker: the engine does not answer:"; tail -20 "$ENGINE_LOG" >&2; exit 1; }
}

# Debian bookworm has Compose 1 only, so one package of a newer release is fetched and unpacked, without touching
# this machine's own apt lists. Buildx stays away: without it Compose builds with its embedded BuildKit, and Debian's
# buildx 0.13 breaks that.
install_compose() (
    say "docker: fetching Compose v2 from Debian $COMPOSE_RELEASE"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    mirror=$(debian_mirror)
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
        "$mirror" "$COMPOSE_RELEASE" >"$work/sources.list"
    cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG="$work/apt.conf"
    apt-get update -qq
    cd "$work"
    apt-get download -qq docker-compose
    dpkg -x docker-compose_*.deb unpacked
    remember files "$COMPOSE_PLUGIN"
    install -D -m 755 unpacked/usr/libexec/docker/cli-plugins/docker-compose "$COMPOSE_PLUGIN"
)

main() {
    if ! engine_answers; then
        require_debian_root
        install_engine
        # Debian's package starts the engine by itself where there is systemd.
        engine_answers || start_engine
    fi
    if ! compose_answers; then
        require_debian_root
        install_compose
        compose_answers || { complain "docker: the Compose plugin was installed, but 'docker compose version' fails"; exit 1; }
    fi
    say "docker: engine $(docker version --format '{{.Server.Version}}') and Compose $(docker compose version --short) answer"
}

main
