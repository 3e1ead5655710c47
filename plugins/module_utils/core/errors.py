# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One root exception. It is caught once, where a module or an action plugin turns it into a failed result."""

from __future__ import annotations


class IncidentResponseError(Exception):
    """What a person has to know: what is wrong and what to do about it.

    :param message: one sentence, without secrets.
    :param remedy: one sentence that says how to go on, or an empty string.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class InvalidInputError(IncidentResponseError):
    """An option has a value that cannot be used. Names the option, the value and the remedy."""

    def __init__(self, option: str, value: object, *, remedy: str) -> None:
        super().__init__(f"{option} has the value {value!r}, which cannot be used.", remedy=remedy)
        self.option = option
        self.value = value


class EngineUnavailableError(IncidentResponseError):
    """The Docker engine is stopped, does not answer in time, or the client is not installed."""


class PlatformNotFoundError(IncidentResponseError):
    """No container of the wanted Compose project exists on the host, or several projects do and none is named."""


class CommandFailedError(IncidentResponseError):
    """A command that had to succeed did not. The message holds its redacted last line of stderr."""


class StateUnavailableError(IncidentResponseError):
    """The state directory cannot be used: missing, read-only, full, of the wrong owner, or damaged."""
