# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL text: shown without its parameters, told apart by what it does, refused when it is more than one statement."""

from __future__ import annotations

import re

SHOWN = 400
"""Characters of a statement that are shown."""
WHOLE = 8000
"""Characters of a statement that are looked at: one made by a program lists all columns before its conditions."""

# Lexical structure: https://www.postgresql.org/docs/current/sql-syntax-lexical.html. A part that does not end (the
# server cuts long statements) reaches to the end of the text: half a literal is still a parameter.
_TOKENS = re.compile(
    r"(?P<comment>--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|$))"
    r"|(?P<escaped>[eE]'(?:[^'\\]|\\.|'')*(?:'|$))"
    r"|(?P<literal>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$))"
    r"|(?P<dollar>\$(?P<tag>[A-Za-z_\x80-\uffff]?[A-Za-z0-9_\x80-\uffff]*)\$.*?(?:\$(?P=tag)\$|$))"
    r"|(?P<quoted>\"(?:[^\"]|\"\")*(?:\"|$))"
    r"|(?P<parameter>\$\d+)"
    r"|(?P<word>[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*)"
    r"|(?P<number>\d[0-9_]*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)",
    re.DOTALL,
)
_WHOLE = {
    "escaped": re.compile(r"[eE]'(?:[^'\\]|\\.|'')*'", re.DOTALL),
    "literal": re.compile(r"(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'"),
    "quoted": re.compile(r'"(?:[^"]|"")*"'),
}
"""What a quote looks like that ends."""

_LITERALS = ("escaped", "literal", "dollar", "number")
_LIST = re.compile(r"\?(?:\s*,\s*\?)+")

_MAINTENANCE = re.compile(
    r"^\s*(VACUUM|ANALYZE|ANALYSE|REINDEX|CLUSTER|CREATE\s+(UNIQUE\s+)?INDEX|REFRESH\s+MATERIALIZED|CHECKPOINT)\b",
    re.IGNORECASE,
)
_BACKUP = re.compile(
    r"^\s*(COPY\b.*\bTO\b|BASE_BACKUP|START_REPLICATION|LOCK\s+TABLE\b.*\bIN\s+ACCESS\s+SHARE\s+MODE)"
    r"|\bpg_(start_backup|backup_start|stop_backup|backup_stop)\s*\(|\bpg_export_snapshot\s*\(",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 20_000
_EXPLAINABLE = ("SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE")
_READING = ("SELECT", "WITH", "VALUES", "TABLE")
# A read-only transaction stops writes to tables and sequences, not what these do: end sessions, read and write files,
# reach other servers. https://www.postgresql.org/docs/current/functions-admin.html
_REACHING = re.compile(r'\b(?:pg_(?!typeof\b)\w+|dblink\w*|lo_\w+|set_config)"?\s*\(', re.IGNORECASE)


def normalise_statement(text: str, limit: int = SHOWN) -> str:
    """The statement in one line, with ``?`` for each literal and number, without comments: nothing that is a value.

    Lists of values shrink to one. Identifiers stay as they are.
    """
    line = _LIST.sub("?", " ".join(_without_values(text).split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _without_values(text: str) -> str:
    return _TOKENS.sub(_without_value, text)


def _without_value(match: re.Match[str]) -> str:
    kind = match.lastgroup if match.lastgroup != "tag" else "dollar"
    if kind == "comment":
        return " "
    return "?" if kind in _LITERALS or kind == "parameter" else match.group(0)


def is_maintenance(text: str) -> bool:
    """True for work that an operator or the server itself started on purpose and that is dear to begin again."""
    return bool(_MAINTENANCE.search(_bare(text)))


def is_backup(text: str) -> bool:
    """True for what pg_dump, pg_basebackup and file-level backup tools run."""
    return bool(_BACKUP.search(_bare(text)))


def first_word(text: str) -> str:
    """The statement's first word in capitals, after comments and opening parentheses; empty when there is none."""
    match = re.match(r"[\s(]*([A-Za-z]+)", _bare(text))
    return match.group(1).upper() if match else ""


def refusal_to_explain(text: str, *, execute: bool) -> str:
    """Why a statement must not be handed to EXPLAIN, or an empty string.

    EXPLAIN ANALYZE carries the statement out, so that only reading ones are allowed there; the database's own
    read-only transaction stands behind this.

    :param execute: True for EXPLAIN ANALYZE.
    """
    code = _TOKENS.sub(lambda match: match.group(0) if match.lastgroup == "word" else " ", text)
    if not text.strip() or len(text) > _LONGEST or "\x00" in text:
        return "it is empty or too long"
    if any(not _ends(match) for match in _TOKENS.finditer(text)):
        return "a quote or a comment in it does not end"
    if ";" in code.rstrip().rstrip(";"):
        return "it is more than one statement"
    if "\\" in code or re.search(r"(?<!:):(?!:|=)", code):
        return "it holds a command or a variable of psql"
    word = first_word(text)
    if word not in (_READING if execute else _EXPLAINABLE):
        return f"it begins with {word or 'no word'}, not with one of {', '.join(_READING if execute else _EXPLAINABLE)}"
    if execute and re.search(r"\b(INSERT|UPDATE|DELETE|MERGE|INTO)\b", code, re.IGNORECASE):
        return "it would write, and EXPLAIN ANALYZE carries it out"
    reaching = _REACHING.search(_without_values(text)) if execute else None
    if reaching:
        name = reaching.group(0).rstrip('( "')
        return f"it calls {name}, which may do more than read, and EXPLAIN ANALYZE carries it out"
    return ""


def _ends(match: re.Match[str]) -> bool:
    """False for a quote or block comment that the text's end cut off."""
    text = match.group(0)
    if match.lastgroup in _WHOLE:
        return _WHOLE[match.lastgroup].fullmatch(text) is not None
    if text.startswith("/*"):
        return len(text) >= 4 and text.endswith("*/")
    if text.startswith("$") and match.lastgroup != "parameter":
        mark = f"${match.group('tag')}$"
        return len(text) >= 2 * len(mark) and text.endswith(mark)
    return True


def _bare(text: str) -> str:
    """Without comments, literals and quoted names, so that nothing in them is taken for a keyword."""
    return _TOKENS.sub(lambda match: match.group(0) if match.lastgroup == "word" else " ", text)
