# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a secret looks like where its value is not known. Each pattern is bounded, so that a long line stays cheap."""

from __future__ import annotations

import re

PLACEHOLDER = "[redacted]"

_KEY = (
    r"(?:pass(?:word|wd|phrase|code)|passwd|(?<![a-z])pass(?![a-z])|pwd|secret|token|jwt|api[_-]?key|apikey|"
    r"access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|credentials?|session[_-]?(?:id|key))"
)
_REST = r"[A-Za-z0-9_.\-]{0,40}"

PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE|PGP MESSAGE)[A-Z ]{0,10}-----"
    r"(?:.{0,40000}?-----END [A-Z0-9 ]{1,60}-----|.{0,40000})",
    re.DOTALL,
)
"""A whole block; one whose end is missing reaches to the end of the text."""

KEY_BODY = re.compile(r"(?m)^(?:[^\n]{0,60}\s)?(?![0-9a-fA-F]+$)[A-Za-z0-9+/]{60,}={0,2}$")
"""Base64 that fills a line: a block whose begin was cut off. A hexadecimal digest is no such line."""

KEY_END = re.compile(r"(?:[^\n]{0,200}\n){0,1}[^\n]{0,200}-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----")
"""The last lines of a block whose begin was cut off."""

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # scheme://user:password@host: up to the last @, since a raw password may hold slashes and more of them
    (
        re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,30}://[^\s:/@'\"<>]{0,200}):(?!\d{1,5}[/?#])[^\s'\"<>]{1,500}@"),
        rf"\1:{PLACEHOLDER}@",
    ),
    # a token in place of the user
    (re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,30}://)[^\s:/@'\"<>]{16,500}@"), rf"\1{PLACEHOLDER}@"),
    # headers: the whole value
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|set-cookie|cookie|x-api-key|x-auth-token)"
            r"(\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?)[^\n\"'\\}]{1,2000}"
        ),
        rf"\1\2{PLACEHOLDER}",
    ),
    (re.compile(r"(?i)\b(bearer|basic|digest|negotiate)(\s{1,4})[A-Za-z0-9._~+/=\-]{8,}"), rf"\1\2{PLACEHOLDER}"),
    # tokens that show what they are
    (re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){0,4}"), PLACEHOLDER),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b"), PLACEHOLDER),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|hf_|dckr_pat_)[A-Za-z0-9_\-]{16,}"), PLACEHOLDER),
    (
        re.compile(r"\b(?:xox[abeprs]-|xapp-|sk-|sk_live_|sk_test_|rk_live_|whsec_|SG\.)[A-Za-z0-9_.\-]{16,}"),
        PLACEHOLDER,
    ),
    (re.compile(r"\bAIza[A-Za-z0-9_\-]{30,}"), PLACEHOLDER),
    # SQL and configuration: PASSWORD 'x', IDENTIFIED BY 'x', requirepass x, --password x
    (re.compile(r"(?i)\b(password|identified by)(\s{1,8})'[^'\n]{0,500}'?"), rf"\1\2'{PLACEHOLDER}'"),
    (re.compile(r"(?i)\b(requirepass|masterauth)(\s{1,8})\S{1,500}"), rf"\1\2{PLACEHOLDER}"),
    (re.compile(rf"(?i)(--{_REST}{_KEY}{_REST}\s{{1,8}})[^\s\-]\S{{0,500}}"), rf"\1{PLACEHOLDER}"),
)

_VALUE = (
    r"(?P<value>\\\"(?:(?!\\\").){0,2000}(?:\\\"|$)"  # \"...\" in a string of JSON
    r"|\"(?:[^\"\\\n]|\\.){0,2000}(?:\"|$)"
    r"|'(?:[^'\\\n]|\\.){0,2000}(?:'|$)"
    r"|[^\s\"',;&<>]{1,2000})"
)
ASSIGNMENT = re.compile(
    rf"(?im)(?P<key>{_KEY}{_REST})(?P<sep>\\?[\"']?\]?[ \t]{{0,4}}(?:=>|:=|=|:)(?P<space>[ \t]{{0,4}})){_VALUE}"
)
"""password=x, "password": "x", password: x, and the same for each word that names a secret."""

SECRET_NAME = re.compile(rf"(?i){_KEY}|(?:^|_)(?:pass|pw|auth|key|salt|pin|dsn)(?:$|_)")
"""Names of settings whose value is a secret."""

NOT_SECRET_NAME = re.compile(
    r"(?i)(?:ttl|expiry|expires?(?:_in|_at)?|expiration|lifetime|seconds|minutes|hours|days|timeout|max_?age|"
    r"algorithms?|alg|issuer|audience|type|name|file|path|dir|url|uri|endpoint|enabled|required|length|count|"
    r"method|mechanism|rotation|version|header|field|prefix|policy)$"
)
"""...unless the name ends in a word that says that the value is about the secret, not the secret itself."""

MULTILINE_HINT = "-----"
