# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.model_manifest import (
    MAX_MANIFEST_BYTES,
    MAX_MANIFEST_FILES,
    ExpectedFile,
    ManifestError,
    parse_manifest,
    unsafe_name_reason,
)

A = "a" * 64
B = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "content,files",
    [
        pytest.param(f'{{"model.json": "{A}"}}', {"model.json": ExpectedFile(A)}, id="object"),
        pytest.param(f'{{"model.json": "{A.upper()}"}}', {"model.json": ExpectedFile(A)}, id="upper case"),
        pytest.param(f'\ufeff{{"m": "{A}"}}', {"m": ExpectedFile(A)}, id="byte order mark"),
        pytest.param(f'{{"files": {{"m": "{A}"}}}}', {"m": ExpectedFile(A)}, id="object in an object"),
        pytest.param(
            f'{{"version": 1, "files": {{"m": {{"sha256": "{A}", "size": 84518}}}}}}',
            {"m": ExpectedFile(A, 84518)},
            id="object of objects, as in the lab",
        ),
        pytest.param(
            f'{{"version": 1, "files": [{{"path": "a/b.bin", "sha256": "{B}", "size": 12}}, '
            f'{{"path": "c", "sha256": "{A}"}}]}}',
            {"a/b.bin": ExpectedFile(B, 12), "c": ExpectedFile(A)},
            id="list with sizes",
        ),
        pytest.param(
            f"{A}  model.json\n{B} *dir/w.bin\n",
            {"model.json": ExpectedFile(A), "dir/w.bin": ExpectedFile(B)},
            id="sha256sum text and binary mark",
        ),
        pytest.param(
            f"# made by CI\n\n{A}  ./my model.json\r\n",
            {"my model.json": ExpectedFile(A)},
            id="comment, dot and blank in a name",
        ),
        pytest.param(f"{A}  m\n{A}  m\n", {"m": ExpectedFile(A)}, id="the same twice"),
    ],
)
def test_each_form_of_a_manifest_is_read(content: str, files: dict[str, ExpectedFile]) -> None:
    assert parse_manifest(content.encode()) == files


@pytest.mark.parametrize(
    "content,reason",
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n", "empty", id="blank"),
        pytest.param(b"\xff\xfe{", "not UTF-8", id="not UTF-8"),
        pytest.param(b"{", "not valid JSON", id="cut JSON"),
        pytest.param(b"[" * 100_000, "not valid JSON", id="deeply nested"),
        pytest.param(b"[]", "not an object", id="a list"),
        pytest.param(b"{}", "names no file", id="no file"),
        pytest.param(b'{"files": []}', "names no file", id="empty list"),
        pytest.param(b'{"files": [3]}', "no path", id="entry is a number"),
        pytest.param(b'{"files": [{"sha256": "x"}]}', "no path", id="entry without a path"),
        pytest.param(f'{{"files": [{{"path": "m", "sha256": "{A}", "size": -1}}]}}'.encode(), "size", id="size < 0"),
        pytest.param(f'{{"files": [{{"path": "m", "sha256": "{A}", "size": true}}]}}'.encode(), "size", id="size true"),
        pytest.param(b'{"m": "abc"}', "64 hexadecimal", id="short digest"),
        pytest.param(b'{"m": 5}', "64 hexadecimal", id="digest is a number"),
        pytest.param(f'{{"../m": "{A}"}}'.encode(), "leaves", id="traversal"),
        pytest.param(f'{{"a/../../m": "{A}"}}'.encode(), "leaves", id="traversal inside"),
        pytest.param(f"{A}  /etc/shadow".encode(), "not relative", id="absolute"),
        pytest.param(f"\\{A}  a\\nb".encode(), "cannot be printed", id="escaped newline"),
        pytest.param(f'{{"a\\u001b[2J": "{A}"}}'.encode(), "cannot be printed", id="terminal escape"),
        pytest.param(f'{{"{"n" * 2000}": "{A}"}}'.encode(), "longer", id="long name"),
        pytest.param(f"{A}  m\n{B}  m\n".encode(), "twice", id="two values"),
        pytest.param(b"<html>not found</html>", "line 1", id="a web page"),
        pytest.param(f"{A}  m\ngarbage\n".encode(), "line 2", id="garbage after a good line"),
        pytest.param(b" " * (MAX_MANIFEST_BYTES + 1), "larger", id="huge"),
        pytest.param("".join(f"{A}  {n}\n" for n in range(MAX_MANIFEST_FILES + 1)).encode(), "more than", id="many"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(ManifestError, match=reason) as caught:
        parse_manifest(content)
    assert str(caught.value).isprintable()


@given(st.binary(max_size=300))
def test_any_bytes_are_either_a_manifest_or_a_manifest_error(content: bytes) -> None:
    try:
        files = parse_manifest(content)
    except ManifestError:
        return
    assert files
    assert all(not unsafe_name_reason(name) for name in files)


_NAMES = st.text(min_size=1, max_size=40).filter(lambda name: not unsafe_name_reason(name))


@given(st.dictionaries(_NAMES, st.sampled_from([A, B]), min_size=1, max_size=5))
def test_what_was_written_as_json_is_read_back(files: dict[str, str]) -> None:
    manifest = {"files": [{"path": name, "sha256": digest} for name, digest in files.items()]}
    assert parse_manifest(json.dumps(manifest).encode()) == {n: ExpectedFile(d) for n, d in files.items()}
