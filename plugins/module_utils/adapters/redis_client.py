# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two ways to a Redis server: ``redis-cli`` in its container, or TCP. Both answer in the same words."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from typing import Protocol

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.adapters.docker_cli import DockerCli
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import InvalidInputError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.redis_reply import (
    Command,
    Conversation,
    End,
    RedisError,
    Reply,
    as_line,
    read_formatted,
)

_LIMIT = 4 << 20
"""Bytes of answers that are read."""
_DEEPEST = 16

# What varies are positional arguments (never secrets) and standard input: the password in the first line, the commands
# after it. `read` takes no more than that line. A time limit inside the container, since the end of the client does not
# end the program there.
_SCRIPT = """
port=$1 database=$2 user=$3 seconds=$4
IFS= read -r password
if [ -z "$password" ]; then
  password=${REDISCLI_AUTH:-${REDIS_PASSWORD:-}}
  if [ -z "$password" ] && [ -n "${REDIS_PASSWORD_FILE:-}" ]; then
    IFS= read -r password < "$REDIS_PASSWORD_FILE"
  fi
fi
if [ -n "$password" ]; then REDISCLI_AUTH=$password; export REDISCLI_AUTH; fi
command -v redis-cli >/dev/null 2>&1 || { echo 'redis-cli: not found' >&2; exit 127; }
set -- redis-cli --no-raw -p "$port" -n "$database"
if [ -n "$user" ]; then set -- "$@" --user "$user"; fi
if command -v timeout >/dev/null 2>&1; then exec timeout "$seconds" "$@"; fi
exec "$@"
"""


class RedisClient(Protocol):
    """Where commands to Redis go."""

    @property
    def via(self) -> str:
        """The way in words."""

    def ask(self, commands: Sequence[Command], *, seconds: float) -> Conversation:
        """Give the commands to one connection and collect what is answered until the time is over.

        :param seconds: for all of them.
        :raises EngineUnavailableError: Docker does not answer.
        """


def _check_password(password: str) -> str:
    if "\n" in password or "\r" in password:
        raise InvalidInputError("password", "(hidden)", remedy="A password is one line.")
    return password


class RedisCli:
    """``redis-cli`` in the server's own container: one exec for all commands. Needs version 5 or later there.

    :param password: empty for what the container has in ``REDISCLI_AUTH``, ``REDIS_PASSWORD`` or
        ``REDIS_PASSWORD_FILE``. It goes to standard input only.
    """

    via = "exec"

    def __init__(
        self, docker: DockerCli, container: str, *, port: int, database: int, user: str = "", password: str = ""
    ) -> None:
        self._docker = docker
        self._container = container
        self._where = (str(port), str(database), user)
        self._password = _check_password(password)

    def ask(self, commands: Sequence[Command], *, seconds: float) -> Conversation:
        """See :class:`RedisClient`."""
        lines = [self._password, *(as_line(command) for command in commands)]
        argv = ["sh", "-c", _SCRIPT, "redis-cli", *self._where, f"{seconds:.1f}"]
        stdin = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
        result = self._docker.exec(self._container, argv, deadline=seconds + 2.0, stdin=stdin, limit=_LIMIT)
        # Redis-cli warns about a refused password in the place of an answer and goes on; the answers tell it as well.
        said = result.stderr.decode("utf-8", "replace").strip()
        replies = read_formatted(_without_connection_errors(result.stdout))
        if result.timed_out or result.exit_code in (124, 143):
            return Conversation(replies, End.TIMED_OUT, "no answer came in time", result.duration)
        if result.exit_code == 127 and "not found" in said:
            return Conversation((), End.NO_CLIENT, said, result.duration)
        told = said or result.stdout[:500].decode("utf-8", "replace").strip()
        if "could not connect" in told.lower():
            return Conversation((), End.REFUSED, told, result.duration)
        if len(replies) < len(commands):
            return Conversation(replies, End.FAILED, told or f"exit code {result.exit_code}", result.duration)
        return Conversation(replies, End.COMPLETE, "", result.duration)


def _without_connection_errors(output: bytes) -> bytes:
    """Lines that redis-cli writes of itself among the answers."""
    kept = [line for line in output.split(b"\n") if not line.startswith((b"Could not connect", b"AUTH failed"))]
    return b"\n".join(kept)


class RedisTcp:
    """The protocol RESP2 over TCP, for a managed server.

    :param database: number of the database.
    :param tls: certificates are verified with the host's own list of authorities.
    """

    via = "tcp"

    def __init__(
        self, host: str, port: int, *, database: int = 0, user: str = "", password: str = "", tls: bool = False
    ) -> None:
        self._address = (host, port)
        self._tls = tls
        self._first: list[Command] = []
        if _check_password(password):
            self._first.append(("AUTH", user, password) if user else ("AUTH", password))
        if database:
            self._first.append(("SELECT", str(database)))

    def ask(self, commands: Sequence[Command], *, seconds: float) -> Conversation:
        """See :class:`RedisClient`."""
        begin = time.monotonic()
        replies: list[Reply] = []
        try:
            with _Stream(self._address, begin + seconds, tls=self._tls) as stream:
                for command in self._first:
                    stream.send(command)
                    answer = stream.reply()
                    if isinstance(answer, RedisError):
                        return Conversation((answer,), End.FAILED, answer.message, time.monotonic() - begin)
                for command in commands:
                    stream.send(command)
                    replies.append(stream.reply())
        except socket.timeout:
            return _early(replies, End.TIMED_OUT, "no answer came in time", begin)
        except (ConnectionRefusedError, socket.gaierror) as error:
            return _early(replies, End.REFUSED, error.strerror or str(error), begin)
        except (OSError, ValueError) as error:
            return _early(replies, End.FAILED, str(error), begin)
        return _early(replies, End.COMPLETE, "", begin)


def _early(replies: Sequence[Reply], end: End, error: str, begin: float) -> Conversation:
    return Conversation(tuple(replies), end, error, time.monotonic() - begin)


class _Stream:
    """One connection: commands as arrays of bulk strings, answers by their type byte.

    Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
    """

    def __init__(self, address: tuple[str, int], end: float, *, tls: bool) -> None:
        self._end = end
        self._buffer = bytearray()
        self._read = 0
        self._socket = socket.create_connection(address, timeout=self._left())
        if tls:
            try:
                self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=address[0])
            except (OSError, ValueError):
                self._socket.close()
                raise

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *_what: object) -> None:
        self._socket.close()

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout("no answer came in time")
        return left

    def send(self, command: Command) -> None:
        words = [word.encode("utf-8", "surrogateescape") for word in command]
        data = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def reply(self, depth: int = 0) -> Reply:
        """:raises ValueError: what came is no RESP."""
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode("utf-8", "surrogateescape")
        if kind == b"-":
            return RedisError(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self._bytes(size).decode("utf-8", "surrogateescape")
        if kind == b"*" and depth < _DEEPEST:
            count = int(rest)
            return None if count < 0 else [self.reply(depth + 1) for _number in range(count)]
        raise ValueError("what answers there is no Redis")

    def _line(self) -> bytes:
        while True:
            at = self._buffer.find(b"\r\n")
            if at >= 0:
                line = bytes(self._buffer[:at])
                del self._buffer[: at + 2]
                return line
            if len(self._buffer) > 1 << 16:
                raise ValueError("what answers there is no Redis")
            self._more()

    def _bytes(self, size: int) -> bytes:
        if not 0 <= size <= _LIMIT:
            raise ValueError("an answer is larger than what is read")
        while len(self._buffer) < size + 2:
            self._more()
        data = bytes(self._buffer[:size])
        del self._buffer[: size + 2]
        return data

    def _more(self) -> None:
        self._socket.settimeout(self._left())
        chunk = self._socket.recv(1 << 16)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self._read += len(chunk)
        if self._read > _LIMIT:
            raise ValueError("an answer is larger than what is read")
        self._buffer.extend(chunk)
