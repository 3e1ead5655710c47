# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of the tokens that a service issues: who logs in, and who has to accept the token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError

DEFAULT_VARIABLES = ("JWT_SECRET", "JWT_SECRET_KEY")

_KEYS = ("login", "variables", "verify")
_LOGIN_KEYS = ("answer", "body", "deadline", "password_file", "password_variable", "path", "user")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_FIELD = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True)
class LoginSettings:
    """The probe account. Its password never passes through the inventory: it is read on the target.

    :param path: empty means that nobody logs in.
    :param user: name of the account.
    :param password_file: file on the target whose first line is the password.
    :param password_variable: or the variable of the Compose project's env files that holds it.
    :param body: the request's JSON; ``{user}`` and ``{password}`` in its strings are replaced.
    :param answer: where the token is in the answer, names joined by dots.
    :param deadline: seconds for the log-in, and for each answer to a token.
    """

    path: str = ""
    user: str = ""
    password_file: str = ""
    password_variable: str = ""
    body: Mapping[str, Any] = field(default_factory=lambda: {"username": "{user}", "password": "{password}"})
    answer: str = "token"
    deadline: float = 2.0

    @property
    def is_configured(self) -> bool:
        """Whether somebody can log in."""
        return bool(self.path and self.user and (self.password_file or self.password_variable))


@dataclass(frozen=True)
class TokenSettings:
    """Of the service that issues the tokens.

    :param configured: True when the inventory says anything at all: then the service is a token issuer.
    :param variables: names of the variable that holds the shared secret; each may end in ``_FILE``, too.
    :param verify: service -> path that answers 2xx to a good token and 401 to another one.
    """

    configured: bool = False
    variables: tuple[str, ...] = DEFAULT_VARIABLES
    login: LoginSettings = field(default_factory=LoginSettings)
    verify: Mapping[str, str] = field(default_factory=dict)


def read_token_settings(data: object, option: str = "token") -> TokenSettings:
    """Settings from plain data.

    :param option: what to call it in an error, for example ``services.user-service.token``.
    :raises InvalidInputError: names the key that is wrong or unknown.
    """
    if data is None:
        return TokenSettings()
    given = _mapping(data, option, _KEYS)
    return TokenSettings(
        configured=True,
        variables=_variables(given.get("variables"), f"{option}.variables"),
        login=_login(given.get("login"), f"{option}.login"),
        verify=_verify(given.get("verify"), f"{option}.verify"),
    )


def _login(data: object, option: str) -> LoginSettings:
    if data is None:
        return LoginSettings()
    given = _mapping(data, option, _LOGIN_KEYS)
    found = LoginSettings(
        path=_path(given.get("path"), f"{option}.path"),
        user=_text(given.get("user"), f"{option}.user"),
        password_file=_text(given.get("password_file", ""), f"{option}.password_file"),
        password_variable=_text(given.get("password_variable", ""), f"{option}.password_variable"),
        body=_body(given.get("body"), f"{option}.body"),
        answer=_matching(_FIELD, given.get("answer", "token"), f"{option}.answer"),
        deadline=_seconds(given.get("deadline", 2.0), f"{option}.deadline"),
    )
    if bool(found.password_file) == bool(found.password_variable):
        remedy = "Name either password_file or password_variable; the password itself has no place in the inventory."
        raise InvalidInputError(option, sorted(given), remedy=remedy)
    if found.password_file and not found.password_file.startswith("/"):
        remedy = "Give an absolute path on the target host."
        raise InvalidInputError(f"{option}.password_file", found.password_file, remedy=remedy)
    if found.password_variable:
        _matching(_NAME, found.password_variable, f"{option}.password_variable")
    return found


def _mapping(data: object, option: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    """The value of an unknown key is not shown: it may be a password."""
    if not isinstance(data, Mapping):
        raise InvalidInputError(option, type(data).__name__, remedy=f"Give a mapping with the keys {', '.join(known)}.")
    for key in data:
        if key not in known:
            raise InvalidInputError(f"{option}.{key}", "(unknown key)", remedy=f"Known keys: {', '.join(known)}.")
    return data


def _variables(value: object, option: str) -> tuple[str, ...]:
    if value is None:
        return DEFAULT_VARIABLES
    if (
        isinstance(value, (list, tuple))
        and value
        and all(isinstance(one, str) and _NAME.fullmatch(one) for one in value)
    ):
        return tuple(value)
    raise InvalidInputError(option, value, remedy="Give a list of names of variables, such as [JWT_SECRET].")


def _verify(value: object, option: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInputError(option, value, remedy="Give a mapping of services to paths.")
    for name in value:
        if not isinstance(name, str) or not _SERVICE.fullmatch(name):
            raise InvalidInputError(option, name, remedy="Give the service's name in the Compose file.")
    return {name: _path(path, f"{option}.{name}") for name, path in value.items()}


def _body(value: object, option: str) -> Mapping[str, Any]:
    if value is None:
        return LoginSettings().body
    if isinstance(value, Mapping) and "{password}" in repr(dict(value)):
        return value
    raise InvalidInputError(option, "(not shown)", remedy="Give a mapping that has '{password}' where it belongs.")


def _path(value: object, option: str) -> str:
    if isinstance(value, str) and re.fullmatch(r"/(?!/)[!-~]*", value):
        return value
    raise InvalidInputError(option, value, remedy="Give a path that begins with '/', such as '/login'.")


def _text(value: object, option: str) -> str:
    if isinstance(value, str) and value.isprintable() and len(value) <= 255:
        return value
    raise InvalidInputError(option, value, remedy="Give a text of one line.")


def _matching(pattern: re.Pattern[str], value: object, option: str) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    raise InvalidInputError(option, value, remedy="Use letters, digits and underscores.")


def _seconds(value: object, option: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 60:
        return float(value)
    raise InvalidInputError(option, value, remedy="Give a number of seconds, at most 60.")
