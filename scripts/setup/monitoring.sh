#!/bin/bash
# Java for ansible-rulebook, and Prometheus, Alertmanager and node_exporter for the tests of the alerts.
#
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The three are Debian's packages, fetched and unpacked below .cache/monitoring of this checkout: they are not installed,
# and no daemon of theirs is ever started but by a test. Only the templates of Alertmanager are put where it looks for
# them (it takes no other place), and Java is installed when there is none.
# Exit code: 0 all is there, or this machine cannot have it (that is said, and its tests are skipped), 1 apt failed.
set -euo pipefail
# shellcheck source=scripts/setup/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FOLDER="$REPO_ROOT/.cache/monitoring"
PROGRAMS=(prometheus promtool prometheus-alertmanager amtool prometheus-node-exporter)
TEMPLATES=/usr/share/prometheus/alertmanager
PACKAGES=(prometheus prometheus-alertmanager prometheus-node-exporter)

all_there() {
    local program
    for program in "${PROGRAMS[@]}"; do [ -x "$FOLDER/bin/$program" ] || return 1; done
}

unpack_packages() {
    say "monitoring: fetching Prometheus, Alertmanager and node_exporter from Debian's packages (they are not installed)"
    rm -rf "$FOLDER"
    mkdir -p "$FOLDER/work" "$FOLDER/bin"
    (
        cd "$FOLDER/work"
        # The package list may be missing, or older than the mirror.
        apt-get download -qq "${PACKAGES[@]}" 2>apt.log \
            || { if is_root; then apt-get update -qq; fi; apt-get download -qq "${PACKAGES[@]}" 2>apt.log; } \
            || { complain "monitoring: apt failed:"; tail -5 apt.log >&2; exit 1; }
        local package
        for package in *.deb; do dpkg -x "$package" unpacked; done
        mv "${PROGRAMS[@]/#/unpacked/usr/bin/}" ../bin/
        mv "unpacked$TEMPLATES" ../templates
    )
    rm -rf "$FOLDER/work"
}

install_templates() {
    if ! is_root; then
        complain "monitoring: the templates of Alertmanager are not in $TEMPLATES: the test that runs it is skipped."
        complain "monitoring: Install the package prometheus-alertmanager to run it."
        return
    fi
    remember files "$TEMPLATES"
    install -D -m 644 -t "$TEMPLATES" "$FOLDER"/templates/*.tmpl
}

install_java() {
    say "monitoring: installing Java for ansible-rulebook"
    mkdir -p "$SETUP_STATE"
    apt_install openjdk-17-jre-headless || { complain "monitoring: apt failed:"; tail -5 "$SETUP_STATE/apt.log" >&2; exit 1; }
}

main() {
    if ! command -v java >/dev/null; then
        if is_debian && is_root; then
            install_java
        else
            complain "monitoring: there is no java, and it is installed as root on Debian only: the tests of the rulebooks are"
            complain "monitoring: skipped. Install Java 17 or later to run them."
        fi
    fi
    if all_there; then
        :
    elif is_debian; then
        unpack_packages
    else
        complain "monitoring: Prometheus, Alertmanager and node_exporter are fetched on Debian only: their tests are skipped."
        complain "monitoring: Put ${PROGRAMS[*]} into $FOLDER/bin to run them."
        return
    fi
    if [ ! -e "$TEMPLATES/default.tmpl" ]; then install_templates; fi
}

main
