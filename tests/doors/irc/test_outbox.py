"""The outbox: in order, at most so many bytes, and the last words last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fuzz.pipe import Pipe
from hubbub.doors.irc.outbox import HANDED, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 100


class Reader:
    """A pipe whose door is nothing but an outbox."""

    def __init__(self) -> None:
        self.pipe = Pipe("192.0.2.1")
        self.behind = self.full = 0
        loop = asyncio.get_running_loop()
        self.outbox = Outbox(
            loop, self.pipe, limit=LIMIT, on_behind=self._on_behind, on_full=self._on_full
        )

    def _on_behind(self) -> None:
        self.behind += 1

    def _on_full(self) -> None:
        self.full += 1


@pytest.fixture
async def reader() -> Reader:
    return Reader()


async def test_what_is_sent_goes_out_at_once(reader: Reader) -> None:
    reader.outbox.send(b"one")
    reader.outbox.send(b"two")
    assert reader.pipe.heard() == b"onetwo"


async def test_what_waits_goes_out_in_order(reader: Reader) -> None:
    reader.outbox.pause()
    for payload in (b"one", b"two"):
        reader.outbox.send(payload)
    assert reader.pipe.heard() == b""
    reader.outbox.resume()
    reader.outbox.send(b"three")
    assert reader.pipe.heard() == b"onetwothree"


async def test_a_pause_while_it_catches_up_is_kept(reader: Reader) -> None:
    reader.outbox.pause()
    for number in range(5):
        reader.outbox.send(b"%d" % number)
    write = reader.pipe.write

    def full_again(data: bytes) -> None:
        write(data)
        if data == b"2":
            reader.outbox.pause()

    reader.outbox._write = full_again
    reader.outbox.resume()
    assert reader.pipe.heard() == b"012"
    reader.outbox.send(b"5")
    reader.outbox.resume()
    assert reader.pipe.heard() == b"345"


async def test_it_is_full_by_bytes_and_says_so_once(reader: Reader) -> None:
    reader.outbox.pause()
    reader.outbox.send(b"x" * LIMIT)
    await asyncio.sleep(0)
    assert reader.full == 0, "exactly the limit may wait"
    for _ in range(3):
        reader.outbox.send(b"y")
    await asyncio.sleep(0)
    assert reader.full == 1
    reader.outbox.resume()
    assert reader.pipe.heard() == b"x" * LIMIT + b"y", "what came after it was full is lost"


async def test_it_is_behind_by_half_and_again_when_it_was_empty(reader: Reader) -> None:
    for behind in (1, 2):
        reader.outbox.pause()
        reader.outbox.send(b"x" * (LIMIT // 2))
        await asyncio.sleep(0)
        assert reader.behind == behind - 1, "exactly half may wait"
        for _ in range(3):
            reader.outbox.send(b"y")
        await asyncio.sleep(0)
        assert (reader.behind, reader.full) == (behind, 0)
        reader.outbox.resume()


async def test_what_has_left_makes_room(reader: Reader) -> None:
    for _ in range(10):
        reader.outbox.pause()
        reader.outbox.send(b"x" * LIMIT)
        reader.outbox.resume()
    await asyncio.sleep(0)
    assert reader.full == 0


async def test_there_is_always_room_for_last_words(reader: Reader) -> None:
    reader.outbox.pause()
    reader.outbox.send(b"x" * LIMIT)
    reader.outbox.send(b"y")
    reader.outbox.clear()
    reader.outbox.send(b"good-bye")
    reader.outbox.resume()
    assert reader.pipe.heard() == b"good-bye"


@pytest.mark.parametrize("waiting", [(), (b"one", b"two")])
async def test_it_says_when_it_is_empty(reader: Reader, waiting: tuple[bytes, ...]) -> None:
    told: list[bytes] = []
    tell: Callable[[], None] = lambda: told.append(reader.pipe.heard())  # noqa: E731 (a callback)
    reader.outbox.pause()
    for payload in waiting:
        reader.outbox.send(payload)
    reader.outbox.when_empty(tell)
    assert bool(told) is not bool(waiting)
    reader.outbox.resume()
    reader.outbox.resume()
    assert told == [b"".join(waiting)]


async def test_when_the_transport_is_gone_nothing_is_sent(reader: Reader) -> None:
    reader.outbox.pause()
    reader.outbox.send(b"one")
    reader.outbox.close()
    reader.outbox.send(b"two")
    reader.outbox.resume()
    reader.outbox.send(b"three")
    assert reader.pipe.heard() == b""


async def test_the_transport_is_given_a_bounded_amount(reader: Reader) -> None:
    assert reader.pipe.high == HANDED
