"""The sockets of the port."""

from __future__ import annotations

import asyncio
import socket

from hubbub.server.listen import listen


async def test_what_is_said_in_two_writes_is_not_held_back() -> None:
    """Nagle is off: he would have the second write wait for an ACK that the system delays."""
    (listener,) = listen(("127.0.0.1",), 0)
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("socket")
        accepted.set_result(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(accept, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await accepted
        writer.close()
        await writer.wait_closed()
