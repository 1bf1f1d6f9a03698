"""The outbox: whole segments, each marked as a record, in order; the oldest go when it is full."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from hubbub.doors.classic.outbox import MSG_EOR, Outbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

NOTICE = b"(some were left out)"


class Pipe:
    """A socket's `send` that takes as much as it was told to, and writes down what it took."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.flags: set[int] = set()
        self.room: int | OSError = 1 << 30

    def __call__(self, segment: bytes, flags: int) -> int:
        if isinstance(self.room, OSError):
            raise self.room
        if not self.room:
            raise BlockingIOError
        sent = min(self.room, len(segment))
        self.room -= sent
        self.flags.add(flags)
        self.taken.append(segment[:sent])
        return sent

    @property
    def stream(self) -> bytes:
        return b"".join(self.taken)


class Bench:
    """An outbox of 100 bytes with a pipe for a socket, and what it told of."""

    def __init__(self, peer: socket.socket) -> None:
        self.pipe = Pipe()
        self.broken: list[OSError] = []
        self.outbox = Outbox(
            asyncio.get_running_loop(),
            peer,
            limit=100,
            on_broken=self.broken.append,
            make_notice=lambda: [NOTICE],
        )
        self.outbox._send = self.pipe

    def make_room(self, size: int) -> None:
        """Let the socket take more, and the loop notice it."""
        self.pipe.room = size
        if not self.outbox.is_empty:
            self.outbox._writable()


@pytest.fixture
def pair() -> Iterator[socket.socket]:
    one, other = socket.socketpair()
    with one, other:
        yield one


@pytest.fixture
async def bench(pair: socket.socket) -> AsyncIterator[Bench]:
    made = Bench(pair)
    yield made
    made.outbox.close()  # a test that fails leaves no socket behind, of which others would hear


async def test_every_segment_is_a_record_of_its_own(bench: Bench) -> None:
    bench.outbox.send([b"one", b"two"])
    bench.outbox.send([b"three"])
    assert bench.pipe.taken == [b"one", b"two", b"three"]
    assert bench.pipe.flags == {MSG_EOR}
    assert MSG_EOR == socket.MSG_EOR, "on Linux"


async def test_what_the_socket_does_not_take_waits_and_a_torn_segment_goes_on(bench: Bench) -> None:
    bench.pipe.room = 5
    bench.outbox.send([b"one", b"two", b"three"])
    bench.outbox.send([b"four"])
    assert bench.pipe.taken == [b"one", b"tw"]
    bench.make_room(3)
    assert bench.pipe.taken[2:] == [b"o", b"th"]
    bench.make_room(100)
    assert bench.pipe.stream == b"onetwothreefour"
    assert bench.outbox.is_empty


async def test_the_oldest_whole_segments_go_and_the_reader_is_told_once(bench: Bench) -> None:
    bench.pipe.room = 10
    bench.outbox.send([b"a" * 20])
    for letter in b"bcdefgh":
        bench.outbox.send([bytes([letter]) * 20])
    assert bench.outbox.dropped == 3
    bench.make_room(1000)
    kept = b"".join(bytes([letter]) * 20 for letter in b"efgh")
    assert bench.pipe.stream == b"a" * 20 + NOTICE + kept, "where the others were"
    bench.outbox.send([b"more"])
    assert bench.pipe.stream == b"a" * 20 + NOTICE + kept + b"more"


async def test_one_segment_larger_than_the_limit_is_kept(bench: Bench) -> None:
    bench.pipe.room = 0
    bench.outbox.send([b"x" * 200])
    bench.make_room(1000)
    assert bench.pipe.stream == b"x" * 200


@pytest.mark.parametrize("room", [0, 2])
async def test_who_waits_for_the_end_is_called_when_all_is_sent(bench: Bench, room: int) -> None:
    called: list[str] = []
    bench.outbox.when_empty(lambda: called.append("at once"))
    assert called == ["at once"]
    bench.pipe.room = room
    bench.outbox.send([b"last words"])
    bench.outbox.when_empty(lambda: called.append("later"))
    assert called == ["at once"]
    bench.make_room(100)
    assert called == ["at once", "later"]


@pytest.mark.parametrize("waits", [False, True])
async def test_a_broken_socket_is_told_of_soon_and_once(bench: Bench, waits: bool) -> None:
    if waits:
        bench.pipe.room = 0
        bench.outbox.send([b"waiting"])
    error = bench.pipe.room = BrokenPipeError("gone")
    if waits:
        bench.outbox._writable()
    else:
        bench.outbox.send([b"now"])
    assert bench.broken == [], "not in the middle of a delivery"
    await asyncio.sleep(0)
    assert bench.broken == [error]
    bench.outbox.send([b"nobody reads this"])
    bench.outbox.close()
    await asyncio.sleep(0)
    assert bench.broken == [error]
    assert bench.outbox.is_empty


async def test_a_closed_outbox_holds_nothing(bench: Bench) -> None:
    bench.pipe.room = 0
    bench.outbox.send([b"waiting"])
    bench.outbox.close()
    assert bench.outbox.is_empty
    called: list[str] = []
    bench.outbox.when_empty(lambda: called.append("now"))
    assert called == ["now"]


async def test_the_loop_notices_when_there_is_room_again() -> None:
    """With a real socket, whose reader comes late."""
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", 0))
    reader = socket.create_connection(listener.getsockname())
    writer, _ = listener.accept()
    outbox = Outbox(
        loop, writer, limit=64 << 20, on_broken=lambda error: None, make_notice=lambda: [NOTICE]
    )
    with listener, reader, writer:
        sent = b""
        while outbox.is_empty:
            outbox.send([b"x" * 1200])
            sent += b"x" * 1200
        emptied = asyncio.Event()
        outbox.when_empty(emptied.set)
        reader.setblocking(False)
        received = 0
        while received < len(sent):
            received += len(await loop.sock_recv(reader, 1 << 20))
        await emptied.wait()
        assert received == len(sent)
        outbox.close()
