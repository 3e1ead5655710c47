# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that misbehave on purpose: each answers every connection by one function."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], None]


@contextlib.contextmanager
def server(answer: Answer, host: str = "127.0.0.1", *, reads: bool = True) -> Iterator[int]:
    """The port of a server that reads a request and then calls ``answer`` with the connection.

    :param reads: False leaves the reading to ``answer``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        listener.listen(16)
        threading.Thread(target=_accept, args=(listener, answer, reads), daemon=True).start()
        yield listener.getsockname()[1]


def _accept(listener: socket.socket, answer: Answer, reads: bool) -> None:
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connection, answer, reads), daemon=True).start()


def _serve(connection: socket.socket, answer: Answer, reads: bool) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(10)
        if reads:
            connection.recv(65536)
        answer(connection)


def says(content: bytes) -> Answer:
    """Sends this and closes."""
    return lambda connection: connection.sendall(content)


def ok(body: bytes, status: str = "200 OK", *headers: str) -> Answer:
    """A proper answer."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers))
    return says(head.encode() + b"\r\n" + body)


def hangs(connection: socket.socket) -> None:
    """Never answers; ends when the client goes."""
    connection.recv(1)


def drips(connection: socket.socket) -> None:
    """Sends one byte of an endless header at a time, whenever the client has waited a little."""
    gone = threading.Event()
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not gone.wait(0.02):
        connection.sendall(b"x")


def floods(connection: socket.socket) -> None:
    """A body of 10 MB."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
    for _number in range(160):
        connection.sendall(b"x" * 65536)
