# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_prefix import (
    check_prefix,
    pattern_of,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_settings import (
    RedisSettings,
    read_redis_settings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import read_services


def test_nothing_needs_to_be_said() -> None:
    assert read_redis_settings(None) == RedisSettings()
    assert not read_redis_settings({}).cache


def test_the_inventory_reaches_the_service() -> None:
    services = read_services(
        {"cache": {"redis": {"cache": True, "disposable_prefixes": ["page:"], "host": "10.0.0.5"}}}
    )
    assert services["cache"].redis == RedisSettings(host="10.0.0.5", cache=True, disposable_prefixes=("page:",))


@pytest.mark.parametrize(
    "data, option",
    [
        ("redis", "redis"),
        ({"pasword_file": "/x"}, "redis.pasword_file"),
        ({"port": 0}, "redis.port"),
        ({"port": "6379"}, "redis.port"),
        ({"database": -1}, "redis.database"),
        ({"host": "redis://host"}, "redis.host"),
        ({"user": "--help"}, "redis.user"),
        ({"password_file": "relative"}, "redis.password_file"),
        ({"cache": "yes"}, "redis.cache"),
        ({"tls": 1}, "redis.tls"),
        ({"disposable_prefixes": "page:"}, "redis.disposable_prefixes"),
        ({"disposable_prefixes": ["page:", "*"]}, "redis.disposable_prefixes[1]"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(data: Any, option: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_redis_settings(data)
    assert caught.value.option == option


@pytest.mark.parametrize(
    "prefix", ["", "*", "?", "**", "page:*", "[a-z]?", ":", "  ", "\\", "a\nb", None, 5, "x" * 257]
)
def test_what_could_mean_every_key_is_no_prefix(prefix: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_prefix(prefix)
    assert caught.value.option == "prefix"


@pytest.mark.parametrize(
    "prefix, pattern", [("page:", "page:*"), ("a[1]", r"a\[1\]*"), ("a\\b", r"a\\b*"), ("a^", r"a\^*")]
)
def test_a_prefix_fits_only_keys_that_begin_so(prefix: str, pattern: str) -> None:
    assert pattern_of(check_prefix(prefix)) == pattern
