"""Every send is one piece for the other end (docs/protocols/classic.md §4.2)."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from hubbub.client.stream import GAP, Stream


class RecordingSocket(socket.socket):
    """A socket that notes each send: how much was taken, under which flags, when."""

    def note(self) -> None:
        self.sends: list[tuple[int, int, float]] = []

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        taken = super().send(data, flags)
        self.sends.append((taken, flags, asyncio.get_running_loop().time()))
        return taken


def recorded_pair() -> tuple[RecordingSocket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = RecordingSocket(socket.AF_INET, socket.SOCK_STREAM)
        ours.note()
        ours.connect(listener.getsockname())
        theirs, _ = listener.accept()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps records of TCP apart")
async def test_each_send_is_a_record_of_its_own() -> None:
    ours, theirs = recorded_pair()
    with ours, theirs:
        stream = Stream(ours)
        await stream.send(b"one")
        await stream.send(b"two")
        assert [send[:2] for send in ours.sends] == [(3, socket.MSG_EOR), (3, socket.MSG_EOR)]


async def test_without_records_sends_are_apart_in_time() -> None:
    ours, theirs = recorded_pair()
    with ours, theirs:
        stream = Stream(ours, flags=0)
        await stream.send(b"one")
        await stream.send(b"two")
        (_, _, first), (_, _, second) = ours.sends
        assert second - first >= GAP * 0.9  # clocks of loops are coarse


async def test_a_short_send_goes_on_with_the_rest() -> None:
    ours, theirs = recorded_pair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with ours, theirs:
        stream = Stream(ours)
        data = bytes(range(256)) * 4_000
        sending = asyncio.create_task(stream.send(data))
        received = b""
        while len(received) < len(data):
            received += await asyncio.get_running_loop().sock_recv(theirs, 65536)
        await sending
        assert received == data
        assert len(ours.sends) > 1


async def test_an_error_while_sending_is_not_mistaken_for_a_good_end() -> None:
    ours, theirs = recorded_pair()
    ended: asyncio.Future[OSError | None] = asyncio.get_running_loop().create_future()
    with ours:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        theirs.close()
        stream = Stream(ours)
        with pytest.raises(OSError, match=r"reset|pipe"):  # noqa: PT012  # the first may still go out
            while True:
                await stream.send(b"hello?")
        stream.start(lambda data: None, ended.set_result)
        assert await ended is not None
        stream.close()
        stream.close()
