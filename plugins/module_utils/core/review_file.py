# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Markdown file of a review: where people write in it, and how that is read back. Pure.

People write between two markers, which are comments and do not show. The last line holds the revision of the texts
that the file was written from, and a digest of each line that was generated. So a line that a person wrote or changed
anywhere else is found as well, and is kept in the notes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.review_section import BY_KEY

_BEGIN = re.compile(r"<!-- write: ([a-z_]+) -->")
_END = re.compile(r"<!-- end: ([a-z_]+) -->")
_SEAL = re.compile(r"<!-- review: revision (\d+); generated ([0-9a-f ]*)-->")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIGEST_LENGTH = 8
_BESIDE = "Written outside of the marked places:"


@dataclass(frozen=True)
class Written:
    """What people wrote into a file.

    :param revision: of the record's texts when the file was generated; 0 when the file does not say it.
    :param texts: section -> text, for each section that the file has; empty when nothing was written there.
    """

    revision: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)


def block(key: str, text: str, *, needed: bool = True) -> str:
    """The marked place of a section with its text, or with what is asked for.

    :param needed: whether a review is not complete without it.
    """
    placeholder = BY_KEY[key].placeholders[0 if needed else 1]
    return f"<!-- write: {key} -->\n{text or placeholder}\n<!-- end: {key} -->"


def seal(content: str, revision: int) -> str:
    """The content with its last line; ``content`` is what was generated, marked places included."""
    generated = (line for place in _places(content.split("\n")) if place.key is None for line in place.lines)
    digests = " ".join(dict.fromkeys(_digest(line) for line in generated if line.strip()))
    return f"{content.rstrip()}\n\n<!-- review: revision {revision}; generated {digests} -->\n"


def unsealed(content: str) -> tuple[str, int]:
    """The content without its last line, and the revision that it says: the inverse of :func:`seal`."""
    seals = list(_SEAL.finditer(content))
    if not seals:
        return content, 0
    return content[: seals[-1].start()] + content[seals[-1].end() :], int(seals[-1].group(1))


def read_written(content: str) -> Written:
    """What people wrote into a file that :func:`seal` made; an empty content is an untouched review.

    A file whose last line is gone is one in which nothing is known to be generated: all of it is kept.
    """
    if not content.strip():
        return Written()
    # What looks like the last line, but stands before it, is somebody's text.
    digests = [match.group(2) for match in _SEAL.finditer(content)]
    known = set(digests[-1].split()) if digests else set()
    body, revision = unsealed(content)
    texts: dict[str, str] = {}
    beside: list[str] = []
    for place in _places(body.split("\n")):
        if place.key is None:
            beside += [line.rstrip() for line in place.foreign(known) if line.strip() and not _is_marker(line)]
        else:
            lines = place.lines if place.is_closed else place.foreign(known)
            parts = (texts.get(place.key, ""), _text(place.key, lines))
            texts[place.key] = "\n\n".join(part for part in parts if part)
    if beside:
        kept = texts.get("notes", "")
        texts["notes"] = "\n\n".join(part for part in (kept, "\n".join([_BESIDE, "", *beside])) if part)
    return Written(revision, texts)


@dataclass
class _Place:
    """Lines that follow each other: those of a section, or generated ones (no key)."""

    key: str | None = None
    lines: list[str] = field(default_factory=list)
    is_closed: bool = False

    def foreign(self, known: set[str]) -> list[str]:
        """The lines that were not generated."""
        return [line for line in self.lines if _digest(line) not in known]


def _places(lines: Iterable[str]) -> list[_Place]:
    """The lines by their places. A place whose end is missing reaches to the next marker."""
    places = [_Place()]
    for line in lines:
        begin, end = _BEGIN.fullmatch(line.strip()), _END.fullmatch(line.strip())
        if begin and begin.group(1) in BY_KEY:
            places.append(_Place(begin.group(1)))
        elif end and end.group(1) in BY_KEY:
            places[-1].is_closed = True
            places.append(_Place())
        else:
            places[-1].lines.append(line)
    return places


def _text(key: str, lines: list[str]) -> str:
    """A section's text, without what was asked for."""
    return clean_text("\n".join(line for line in lines if line.strip() not in BY_KEY[key].placeholders))


def clean_text(text: str) -> str:
    """A person's text as it is kept: no control characters, no markers, no spaces at the ends of its lines."""
    lines = [_UNPRINTABLE.sub("", line).rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    return "\n".join(line for line in lines if not _is_marker(line)).strip("\n")


def _is_marker(line: str) -> bool:
    return bool(_BEGIN.fullmatch(line.strip()) or _END.fullmatch(line.strip()))


def _digest(line: str) -> str:
    return hashlib.sha256(line.strip().encode("utf-8", "replace")).hexdigest()[:_DIGEST_LENGTH]
