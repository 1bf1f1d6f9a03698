"""The line is cut, and comes back; nothing that was said meanwhile is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from client.servers import Visitor, pair, serving
from hubbub import client
from hubbub.client.events import CaughtUp, Disconnected, Event, Joined, Message, Waiting
from hubbub.client.posting import KEPT_LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


def test_delays_double_up_to_a_limit() -> None:
    backoff = client.Backoff(first=1, longest=10, random=lambda: 1.0)
    assert [backoff.next_delay() for _ in range(6)] == [1, 2, 4, 8, 10, 10]


def test_delays_are_spread_over_their_upper_half() -> None:
    assert client.Backoff(first=4, random=lambda: 0.0).next_delay() == 2
    assert client.Backoff(first=4, random=lambda: 0.5).next_delay() == 3


def test_only_a_connection_that_stood_starts_anew() -> None:
    backoff = client.Backoff(first=1, steady=10, random=lambda: 1.0)
    assert backoff.next_delay() == 1
    backoff.lasted(0.1)  # "name already occupied", and closed
    assert backoff.next_delay() == 2
    backoff.lasted(10)
    assert backoff.next_delay() == 1


def test_a_long_absence_is_no_overflow() -> None:
    backoff = client.Backoff(random=lambda: 1.0)
    assert [backoff.next_delay() for _ in range(5000)][-1] == 30


def reconnecting(
    address: str,
    *,
    attempts: int | None = None,
    sleep: Callable[[float], Awaitable[None]] = lambda seconds: asyncio.sleep(0),
) -> client.Reconnecting:
    backoff = client.Backoff(first=1, random=lambda: 1.0)
    return client.Reconnecting(
        lambda: client.Connection.open(address, name="alice"),
        backoff=backoff,
        attempts=attempts,
        sleep=sleep,
    )


async def until(events: AsyncIterator[Event], *kinds: type[Event]) -> list[Event]:
    """The next event of each of these kinds, in this order, whatever comes between."""
    found: list[Event] = []
    for kind in kinds:
        async for event in events:
            if isinstance(event, kind):
                found.append(event)
                break
    assert len(found) == len(kinds)
    return found


async def test_a_cut_line_comes_back_and_what_was_said_meanwhile_is_sent() -> None:
    heard: list[bytes] = []

    async def first(visitor: Visitor) -> None:
        await visitor.read_frame()
        visitor.reset()

    async def second(visitor: Visitor) -> None:
        heard.extend([await visitor.read_frame() for _ in range(4)])
        await visitor.send(pair("bob", "welcome back"))
        await visitor.read_to_end()

    async with serving(first, second) as address:
        link = reconnecting(address)
        await link.open()
        events = link.events()
        await until(events, Joined, Disconnected)
        assert not await link.say("are you there?\nwell?")
        assert not await link.say("hello?")
        assert list(link.kept) == ["are you there?\nwell?", "hello?"]
        *_, caught_up = await until(events, Waiting, Joined, CaughtUp)
        assert isinstance(caught_up, CaughtUp)
        await until(events, Message)
        assert caught_up.texts == ("are you there?\nwell?", "hello?")
        assert heard == [b"alice", b"are you there?", b"well?", b"hello?"]
        await link.wait_sent()
        assert len(link.kept) == 0
        await link.close()
        await until(events, Disconnected)
        assert [event async for event in events] == []


async def test_attempts_are_ever_further_apart_and_say_why() -> None:
    async def only(visitor: Visitor) -> None:
        await visitor.read_frame()

    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with serving(only) as address:
        link = reconnecting(address, attempts=4, sleep=sleep)
        await link.open()
        events = link.events()
        await until(events, Disconnected)
    # The listener is gone.
    waits = [event async for event in events]
    assert [event.delay for event in waits if isinstance(event, Waiting)] == [1, 2, 4, 8] == slept
    reasons = [event.reason for event in waits if isinstance(event, Waiting)]
    assert reasons[0] == "the server closed"
    assert all("nothing listens" in reason for reason in reasons[1:])
    assert link.kept == ()


async def test_a_server_of_another_dialect_is_not_tried_again() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read()
        await visitor.send(pair("bob", "hello all", 16))

    async with serving(script) as address:
        link = reconnecting(address)
        await link.open()
        events = [event async for event in link.events()]
        assert not any(isinstance(event, Waiting) for event in events)
        assert isinstance(events[-1], Disconnected)
        assert not events[-1].retry


async def test_what_is_kept_has_a_limit_and_says_so() -> None:
    async def script(visitor: Visitor) -> None:
        await visitor.read_frame()

    async with serving(script) as address:
        link = reconnecting(address)
        await link.open()
        await until(link.events(), Disconnected)
        for number in range(KEPT_LIMIT):
            await link.say(str(number))
        with pytest.raises(client.KeptFull, match="1000 lines already wait"):
            await link.say("one more")
        assert len(link.kept) == KEPT_LIMIT


async def test_a_line_cut_while_catching_up_keeps_the_rest() -> None:
    async def first(visitor: Visitor) -> None:
        await visitor.read_frame()

    async def second(visitor: Visitor) -> None:
        await visitor.read_frame()
        visitor.reset()

    async def third(visitor: Visitor) -> None:
        await visitor.read_frame()
        received = await visitor.read_to_end()
        assert received.endswith(b"last")

    async with serving(first, second, third) as address:
        link = reconnecting(address)
        await link.open()
        events = link.events()
        await until(events, Disconnected)
        await link.say("x" * 3_000_000)  # more than any socket takes before the cut is seen
        await link.say("last")
        await until(events, Waiting, Disconnected, Waiting, CaughtUp)
        assert len(link.kept) == 0
        await link.close()
