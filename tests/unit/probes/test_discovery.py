# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from service_facts import container

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.file_set import FileSet
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import ContainerRef
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import PlatformNotFoundError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    ComposeLabels,
    HealthTarget,
    PortBinding,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.settings import ServiceSettings
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.discovery import (
    bears_other_files,
    by_service,
    choose_project,
    dependencies,
    kind_of,
    user_facing,
)

SHOP = ContainerRef("1", "shop", "web")
BLOG = ContainerRef("2", "blog", "web")
NOTHING = ServiceSettings()


@pytest.mark.parametrize(
    "refs, wanted, project",
    [
        ([SHOP], None, "shop"),
        ([SHOP], "shop", "shop"),
        ([SHOP, BLOG], "blog", "blog"),
        ([SHOP, ContainerRef("3", "blog", "job", oneoff=True)], None, "shop"),
    ],
)
def test_the_project_is_the_one_named_or_the_only_one(
    refs: list[ContainerRef], wanted: str | None, project: str
) -> None:
    assert choose_project(refs, wanted) == project


@pytest.mark.parametrize(
    "refs, wanted, words",
    [
        ([], None, "no container of any Compose project"),
        ([], "shop", "There is no Compose project on this host"),
        ([SHOP, BLOG], None, "several Compose projects on this host: blog, shop"),
        ([SHOP, BLOG], "shpo", "The projects on this host are: blog, shop"),
    ],
)
def test_a_project_that_cannot_be_told_is_an_error_that_lists_them(
    refs: list[ContainerRef], wanted: str | None, words: str
) -> None:
    with pytest.raises(PlatformNotFoundError, match=words) as caught:
        choose_project(refs, wanted)
    assert caught.value.remedy
    assert ("in the inventory platform_project" in caught.value.remedy) is bool(wanted or refs)


@pytest.mark.parametrize(
    "image, name, ports, expected",
    [
        ("postgres:16", "db", [], "postgres"),
        ("registry.example:5000/bitnami/postgresql@sha256:abc", "db", [], "postgres"),
        ("postgis/postgis:16-3.4", "db", [], "postgres"),
        ("prometheuscommunity/postgres-exporter", "exporter", [9187], "http"),
        ("redis:7-alpine", "cache", [], "redis"),
        ("valkey/valkey", "cache", [], "redis"),
        ("rabbitmq:3-management", "mq", [15672], "rabbitmq"),
        ("nvcr.io/nvidia/tritonserver:24.01-py3", "ai", [8000], "model_server"),
        ("vllm/vllm-openai:latest", "ai", [8000], "model_server"),
        ("tensorflow/serving", "ai", [8501], "model_server"),
        ("example/python:1", "model-server", [8000], "model_server"),
        ("example/python:1", "llm_serving", [8000], "model_server"),
        ("example/python:1", "modeling-notes", [8000], "http"),
        ("example/own-db:1", "data", [5432], "postgres"),
        ("example/own:1", "store", [6379], "redis"),
        ("nginx", "web", [80], "http"),
        ("mysql:8", "db", [3306, 33060], "other"),
        ("busybox", "job", [], "other"),
    ],
)
def test_the_kind_is_told_by_image_name_and_ports(image: str, name: str, ports: list[int], expected: str) -> None:
    one = container(name, image=image, ports=tuple(PortBinding(port) for port in ports))
    assert kind_of(name, [one], NOTHING) == expected


def test_the_inventory_knows_the_kind_better() -> None:
    assert kind_of("web", [container(image="postgres")], ServiceSettings(kind="http")) == "http"


@pytest.mark.parametrize(
    "name, expected",
    [("postgres", "postgres"), ("Redis", "redis"), ("rabbitmq", "rabbitmq"), ("model-server", "model_server"),
     ("db", "other"), ("postgres-exporter", "other")],
)  # fmt: skip
def test_a_service_whose_container_is_gone_is_known_by_its_name(name: str, expected: str) -> None:
    assert kind_of(name, [], NOTHING) == expected


def test_a_name_says_nothing_against_an_image() -> None:
    assert kind_of("postgres", [container(image="example/proxy:1")], NOTHING) == "other"


def test_a_health_check_over_http_makes_a_web_service() -> None:
    assert kind_of("web", [container(health_target=HealthTarget(1, "/"))], NOTHING) == "http"


def test_services_that_are_only_known_by_name_have_no_container() -> None:
    web = container(compose=ComposeLabels(depends_on={"db": "service_healthy"}))
    assert by_service([web], {"worker": NOTHING}) == {"db": [], "web": [web], "worker": []}


def test_dependencies_are_those_of_compose_and_of_the_inventory() -> None:
    web = container(compose=ComposeLabels(depends_on={"db": "service_healthy"}))
    assert dependencies([web], ServiceSettings(depends_on=("cache", "db"))) == ("cache", "db")


@pytest.mark.parametrize(
    "source, files, other",
    [
        ("labels", ("/a.yaml",), False),
        ("labels", ("/a.yaml", "/faults/x.yaml"), True),
        ("labels", (), False),
        ("inventory", ("/a.yaml", "/faults/x.yaml"), False),
    ],
)
def test_a_container_of_other_files_has_drifted(source: str, files: tuple[str, ...], other: bool) -> None:
    one = container(compose=ComposeLabels(files=files))
    assert bears_other_files(one, FileSet("shop", "/", ("/a.yaml",), source=source)) is other


PUBLISHED = (PortBinding(80, "tcp", "127.0.0.1", 8080),)


def test_users_meet_published_web_services_that_nobody_else_needs() -> None:
    services = {
        "gateway": [container("gateway", ports=PUBLISHED)],
        "api": [container("api", ports=PUBLISHED)],
        "inner": [container("inner", ports=(PortBinding(80),))],
        "db": [container("db", ports=PUBLISHED)],
    }
    kinds = {"gateway": "http", "api": "http", "inner": "http", "db": "postgres"}
    needs = {"gateway": ["api"]}
    assert user_facing(services, kinds, needs, {}) == {"gateway"}
    assert user_facing(services, kinds, needs, {"inner": ServiceSettings(user_facing=True)}) == {"inner"}
    assert user_facing(services, kinds, needs, {"gateway": ServiceSettings(user_facing=False)}) == frozenset()
