# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MS-5: the model files against what they must be. Hashed only when there is a reason, since models are large."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import IncidentResponseError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_manifest import (
    ExpectedFile,
    ManifestError,
    parse_manifest,
    unsafe_name_reason,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_facts import (
    FilesFacts,
    ModelFile,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_server_settings import (
    ModelServerSettings,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.model_server_file_access import (
    FileAccess,
    FileStat,
    Listing,
    with_hashes,
)

SAMPLE_KEY = "model_files"
_MAX_UNKNOWN = 50


def probe_files(
    ways: Sequence[FileAccess],
    settings: ModelServerSettings,
    sample: Mapping[str, Any],
    *,
    reason_to_hash: Callable[[], str],
) -> FilesFacts:
    """Look at the files, and hash them when there is a reason or when one changed since the recorded sample.

    :param ways: how to reach the files, best first.
    :param sample: what was recorded when they were last seen good: ``{"model_files": {name: {"size", "modified"}}}``.
    :param reason_to_hash: called after the look, because it may have to wait for the canary; answers for example
        ``the canary failed``, or an empty string when there is no reason.
    """
    if not settings.files and not settings.manifest_path:
        return FilesFacts()
    source = "inventory" if settings.files else "manifest"
    error = ""
    for way in ways:
        try:
            return _probe_by(way, source, settings, _recorded(sample), reason_to_hash)
        except IncidentResponseError as failure:
            error = str(failure)
    return FilesFacts(source=source, error=error)


def sample_of(facts: FilesFacts) -> dict[str, Any]:
    """What to record of files that were seen good; empty when one of them is bad or nothing is expected."""
    if facts.error or facts.manifest_error or not facts.files:
        return {}
    if not all(_is_good(file) for file in facts.files):
        return {}
    return {SAMPLE_KEY: {file.name: {"size": file.size, "modified": file.modified} for file in facts.files}}


def _is_good(file: ModelFile) -> bool:
    if file.size is None or file.is_lfs_pointer:
        return False
    if file.sha256 is not None:
        return file.sha256 == file.expected_sha256
    return file.expected_size is None or file.size == file.expected_size


def _probe_by(
    way: FileAccess,
    source: str,
    settings: ModelServerSettings,
    recorded: Mapping[str, tuple[int, int]],
    reason_to_hash: Callable[[], str],
) -> FilesFacts:
    directory = settings.model_dir or os.path.dirname(settings.manifest_path)
    known = list(settings.files) or list(recorded)
    listing = way.look(directory, settings.manifest_path, known)
    expected, manifest_error = _expected(settings, listing)
    names = list(expected) or [name for name in _unknown(listing, settings.manifest_path) if name in recorded]
    if any(name not in listing.files and name not in known for name in names):
        # A way that cannot list the directory has to be told the names that the manifest brought.
        listing = way.look(directory, "", names)
    found = {name: listing.files[name] for name in names if name in listing.files}
    changed = sorted(name for name, file in found.items() if recorded.get(name, _pair(file)) != _pair(file))
    reason = reason_to_hash()
    if not reason and changed:
        reason = f"{changed[0]} changed since it was last seen good"
    if reason and found:
        found = with_hashes(found, way.hash(directory, sorted(found), settings.hash_deadline))
    sizes = known_good_sizes(settings.known_good, names)
    files = tuple(_model_file(name, found.get(name), expected.get(name), recorded, sizes) for name in names)
    return FilesFacts(source, manifest_error, files, hashed_because=reason if found else "")


def _expected(settings: ModelServerSettings, listing: Listing) -> tuple[dict[str, ExpectedFile], str]:
    """What the files must be; the inventory wins, because whoever can damage a model can damage its manifest."""
    if settings.files:
        return {name: ExpectedFile(digest) for name, digest in settings.files.items()}, ""
    if listing.manifest is None:
        return {}, listing.manifest_error
    try:
        return parse_manifest(listing.manifest), ""
    except ManifestError as error:
        return {}, str(error)


def _unknown(listing: Listing, manifest: str) -> list[str]:
    """Files that nobody describes, without the manifest."""
    names = [name for name in listing.files if not unsafe_name_reason(name) and not manifest.endswith(f"/{name}")]
    return sorted(names)[:_MAX_UNKNOWN]


def _recorded(sample: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Name -> (size, time) of the recorded sample. Anything of another shape is as good as not recorded."""
    files = sample.get(SAMPLE_KEY)
    recorded = {}
    for name, entry in files.items() if isinstance(files, Mapping) else ():
        size, modified = (entry.get("size"), entry.get("modified")) if isinstance(entry, Mapping) else (None, None)
        if isinstance(size, int) and isinstance(modified, int) and not unsafe_name_reason(name):
            recorded[name] = (size, modified)
    return recorded


def _pair(file: FileStat) -> tuple[int, int]:
    return (file.size, file.modified)


def known_good_sizes(directory: str, names: Sequence[str]) -> dict[str, int]:
    """Bytes of the regular files in the known-good directory of this host; those that cannot be seen are left out."""
    sizes = {}
    for name in names if directory else ():
        try:
            status = os.stat(os.path.join(directory, name))
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(status.st_mode):
            sizes[name] = status.st_size
    return sizes


def _model_file(
    name: str,
    found: FileStat | None,
    expected: ExpectedFile | None,
    recorded: Mapping[str, tuple[int, int]],
    known_good: Mapping[str, int],
) -> ModelFile:
    return ModelFile(
        name=name,
        size=found.size if found else None,
        modified=found.modified if found else None,
        sha256=found.sha256 if found else None,
        is_lfs_pointer=found.is_lfs_pointer if found else None,
        expected_sha256=expected.sha256 if expected else None,
        expected_size=expected.size if expected else None,
        recorded_size=recorded[name][0] if name in recorded else None,
        known_good_size=known_good.get(name),
    )
