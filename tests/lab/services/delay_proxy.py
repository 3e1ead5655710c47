# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy that holds each answer back for an exact time: `python3 -m services.delay_proxy 6379 redis:6379 300`.

For the fault of a slow dependency; the kernel's own way (netem) is not on every machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    try:
        while data := await source.read(65536):
            await asyncio.sleep(delay)
            target.write(data)
            await target.drain()
    except OSError:
        pass  # One side went away: closing the other one tells it so.
    finally:
        target.close()


async def run(port: int, host: str, target_port: int, delay: float) -> None:
    """Listen on the port and pass every connection on; answers come `delay` seconds later. Never returns."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target_reader, target_writer = await asyncio.open_connection(host, target_port)
        with contextlib.suppress(OSError):
            await asyncio.gather(_copy(reader, target_writer, 0), _copy(target_reader, writer, delay))

    server = await asyncio.start_server(pass_on, "0.0.0.0", port)
    async with server:
        await server.serve_forever()


def main() -> None:
    port, target, milliseconds = sys.argv[1:]
    host, _, target_port = target.partition(":")
    asyncio.run(run(int(port), host, int(target_port), int(milliseconds) / 1000))


if __name__ == "__main__":
    main()
