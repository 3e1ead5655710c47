#!/bin/bash
# The base image of the lab: from a registry where there is one, else made of Debian's packages.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: base-image.sh [IMAGE]. Exit code: 0 it is there, 3 there is no registry and it cannot be made here, 1 failed.
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

IMAGE=${1:-debian:bookworm-slim}
PULL_DEADLINE_SECONDS=60

have_image() { docker image inspect "$IMAGE" >/dev/null 2>&1; }

# A minimal Debian without its documents, manuals and translations: a third of the size, as in Debian's slim images.
make_with_debootstrap() (
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mirror=$(debian_mirror)
    debootstrap --variant=minbase bookworm "$work/root" "$mirror" >"$SETUP_STATE/debootstrap.log"
    rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/* "$work"/root/var/log/*.log
    rm -rf "$work"/root/usr/share/{doc,man,locale}/*
    printf 'path-exclude /usr/share/%s/*\n' doc man locale >"$work/root/etc/dpkg/dpkg.cfg.d/slim"
    tar -C "$work/root" -c . | docker import --change 'CMD ["bash"]' - "$IMAGE" >/dev/null
)

main() {
    have_image && return
    mkdir -p "$SETUP_STATE"
    say "images: getting the base image $IMAGE"
    if ! timeout "$PULL_DEADLINE_SECONDS" docker pull -q "$IMAGE" >"$SETUP_STATE/pull.log" 2>&1; then
        if ! is_debian || ! is_root; then
            complain "images: $IMAGE cannot be pulled ($(tail -1 "$SETUP_STATE/pull.log")),"
            complain "images: and making it of Debian's packages takes root on Debian."
            exit 3
        fi
        say "images: no registry answers, making $IMAGE of Debian's packages"
        command -v debootstrap >/dev/null || apt_install debootstrap
        make_with_debootstrap
    fi
    remember images "$IMAGE"
}

main
