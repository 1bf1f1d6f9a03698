"""Servers of the family, as short scripts: each test writes what its server does."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hubbub.wire.classic import frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

SELECT_SERVER = Path(__file__).parents[2] / "bench" / "peers" / "select_server.py"


def pair(name: str, text: str, width: int = 10) -> bytes:
    return frame(name.encode(), width) + frame(text.encode(), width)


class Visitor:
    """A client, seen from the server's side of a raw socket."""

    def __init__(self, sock: socket.socket, width: int) -> None:
        self._socket = sock
        self._width = width
        self._loop = asyncio.get_running_loop()

    async def read(self, size: int = 65536) -> bytes:
        return await self._loop.sock_recv(self._socket, size)

    async def read_frame(self) -> bytes:
        """One frame as the servers read it: one recv for the header, one for the body."""
        header = await self.read(self._width)
        assert len(header) == self._width, header
        body = await self.read(int(header))
        assert len(body) == int(header), body
        return body

    async def read_to_end(self) -> bytes:
        data = b""
        while more := await self.read():
            data += more
        return data

    async def send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._socket, data)

    async def trickle(self, data: bytes) -> None:
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(0)

    def reset(self) -> None:
        """Leave with a RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


@asynccontextmanager
async def serving(
    *scripts: Callable[[Visitor], Awaitable[None]], width: int = 10, port: int = 0
) -> AsyncIterator[str]:
    """Serve one visitor after the other, each by the next script; gives the classic address.

    Every script must have run to its end when the block is left.
    """
    loop = asyncio.get_running_loop()

    async def serve(listener: socket.socket) -> None:
        for script in scripts:
            sock, _ = await loop.sock_accept(listener)
            with sock:
                await script(Visitor(sock, width))

    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)
        served = asyncio.create_task(serve(listener))
        try:
            yield f"classic://127.0.0.1:{listener.getsockname()[1]}"
            await asyncio.wait_for(served, 10)
        finally:
            served.cancel()
            await asyncio.gather(served, return_exceptions=True)


@asynccontextmanager
async def select_server() -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """The server the family began with, in a process of its own; gives its address and output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, SELECT_SERVER, "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        first = (await process.stdout.readline()).decode()
        found = re.search(r"(\S+:\d+)\.\.\.", first)
        assert found is not None, first
        yield f"classic://{found[1]}", process.stdout
        assert process.returncode is None, "the server fell over"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
