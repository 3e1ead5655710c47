# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module ``model_file``, and what a task asks for by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.acts.model_restore import Restore
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_manifest import SHA256
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    read_expected_files,
)

MODEL_FILE_SPEC: dict[str, Any] = {
    "project": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "model_dir": {"type": "str", "required": True},
    "source_dir": {"type": "path", "required": True},
    "files": {"type": "dict", "default": {}},
    "source_manifest": {"type": "str", "default": "manifest.json"},
    "source_manifest_sha256": {"type": "str", "default": ""},
    "keep_evidence_in": {"type": "path"},
    "evidence_limit": {"type": "int", "default": 67108864},
    "deadline": {"type": "float", "default": 600.0},
    "docker_cli": {"type": "str", "default": "docker"},
}


def read_restore(options: Mapping[str, Any]) -> Restore:
    """From the options of the module ``model_file``, whose types are checked already.

    :raises InvalidInputError: names the option that cannot be used.
    """
    for option in ("project", "service"):
        if not options[option]:
            raise InvalidInputError(option, options[option], remedy="Give a name.")
    for option in ("model_dir", "source_dir", "keep_evidence_in"):
        path = options[option] or ""
        if (path or option != "keep_evidence_in") and (not path.startswith("/") or ".." in path.split("/")):
            raise InvalidInputError(option, path, remedy="Give an absolute path without '..'.")
    digest = options["source_manifest_sha256"]
    if digest and not SHA256.match(digest):
        raise InvalidInputError("source_manifest_sha256", digest, remedy="Give 64 hexadecimal digits.")
    for option in ("evidence_limit", "deadline"):
        if not options[option] > 0:
            raise InvalidInputError(option, options[option], remedy="Give a positive number.")
    return Restore(
        project=options["project"],
        service=options["service"],
        model_dir=options["model_dir"],
        source_dir=options["source_dir"],
        files=read_expected_files(options["files"], "files"),
        source_manifest=options["source_manifest"],
        source_manifest_sha256=digest,
        keep_evidence_in=options["keep_evidence_in"] or "",
        evidence_limit=options["evidence_limit"],
        seconds=options["deadline"],
    )
