# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from scripted_runner import Reply, ScriptedRunner, answered, hung

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import Gpu
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redaction import Redactor
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_gpu import (
    parse_gpus,
    probe_devices,
)

# Form: nvidia-smi --query-gpu=index,name,memory.used,memory.total,utilization.gpu --format=csv,noheader,nounits
TWO = "0, NVIDIA A100-SXM4-40GB, 38912, 40960, 97\n1, NVIDIA A100-SXM4-40GB, [N/A], 40960, [Not Supported]\n"


def test_each_gpu_is_read_and_what_it_does_not_tell_is_none() -> None:
    assert parse_gpus(TWO, Redactor()) == (
        Gpu(0, "NVIDIA A100-SXM4-40GB", 38912.0, 40960.0, 97.0),
        Gpu(1, "NVIDIA A100-SXM4-40GB", None, 40960.0, None),
    )


@pytest.mark.parametrize("output", ["", "No devices were found\n", "a,b,c,d,e\n", "0, x\n"])
def test_another_output_shows_no_gpu(output: str) -> None:
    assert parse_gpus(output, Redactor()) == ()


@pytest.mark.parametrize(
    "reply, gpus, error",
    [
        (TWO, 2, ""),
        ("absent\n", 0, "no nvidia-smi"),
        (answered("Failed to initialize NVML: Driver/library version mismatch", exit_code=18), 0, "NVML"),
        (answered(exit_code=9), 0, "nvidia-smi failed"),
        (answered(stderr='exec: "sh": executable file not found', exit_code=127), 0, "not found"),
        (answered(stderr="Cannot connect to the Docker daemon", exit_code=1), 0, "does not answer"),
        (hung(), 0, "in time"),
    ],
)
def test_looking_for_gpus_never_fails(reply: Reply, gpus: int, error: str) -> None:
    docker = DockerCli(ScriptedRunner(("exec", reply)))
    found = probe_devices(docker, "c", ("nvidia: all [gpu]",), Redactor(), ask=True, deadline=1.0)
    assert (len(found.gpus), found.requested, found.looked) == (gpus, ("nvidia: all [gpu]",), True)
    assert error in found.error
    assert bool(found.error) is (gpus == 0)


def test_a_container_without_a_device_is_not_entered() -> None:
    runner = ScriptedRunner()
    assert not probe_devices(DockerCli(runner), "c", (), Redactor(), ask=False, deadline=1.0).looked
    assert runner.calls == []
