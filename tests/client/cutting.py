"""A line that is cut: a proxy between a client and a server, which tears connections apart.

It cuts after a number of bytes, wherever that falls: in the middle of a line, of a batch, of a
handshake. Everything it does is decided by the caller's random numbers, so a failure comes again.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from random import Random


class Line:
    """The proxy. `cuts` is how many connections it has torn."""

    def __init__(self, port: int, random: Random, *, every: tuple[int, int]) -> None:
        self.cuts = 0
        self.whole = False
        """Set it, and nothing is cut any more."""
        self.port = 0
        self._target = port
        self._random = random
        self._every = every
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, listener: socket.socket) -> None:
        """Take one connection after the other."""
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            task = loop.create_task(self._carry(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, client: socket.socket) -> None:
        """Carry bytes both ways until one side ends, or the bytes of this connection are spent."""
        loop = asyncio.get_running_loop()
        left = [self._random.randint(*self._every)]
        with client, socket.socket() as server:
            server.setblocking(False)
            try:
                await loop.sock_connect(server, ("127.0.0.1", self._target))
            except OSError:
                return
            ways = [
                asyncio.ensure_future(self._pump(client, server, left)),
                asyncio.ensure_future(self._pump(server, client, left)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
            if self._random.random() < 0.5:  # a reset, or an end as of an orderly close
                for sock in (client, server):
                    reset = struct.pack("ii", 1, 0)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)

    async def _pump(self, source: socket.socket, sink: socket.socket, left: list[int]) -> None:
        loop = asyncio.get_running_loop()
        try:
            while data := await loop.sock_recv(source, 4096):
                if not self.whole and len(data) >= left[0]:
                    await loop.sock_sendall(sink, data[: left[0]])
                    self.cuts += 1
                    return
                left[0] -= len(data)
                await loop.sock_sendall(sink, data)
        except OSError:
            return


@asynccontextmanager
async def cut_line(port: int, random: Random, *, every: tuple[int, int]) -> AsyncIterator[Line]:
    """A way to the server at `port` on this machine that is cut after so many bytes."""
    line = Line(port, random, every=every)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        line.port = listener.getsockname()[1]
        serving = asyncio.create_task(line.serve(listener))
        try:
            yield line
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await line.close()
