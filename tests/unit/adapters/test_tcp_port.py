# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.tcp_port import look_at_port


def test_a_port_that_listens_is_open_and_one_that_does_not_refuses() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert look_at_port("127.0.0.1", port, deadline=30.0) == "refused"
        server.listen()
        assert look_at_port("127.0.0.1", port, deadline=30.0) == "open"


def test_a_name_that_means_nothing_tells_nothing() -> None:
    assert look_at_port("nowhere.invalid", 5432, deadline=30.0) == "unknown"
