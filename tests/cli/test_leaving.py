"""Leaving a server that has not read everything yet."""

from __future__ import annotations

import asyncio

import pytest

from client.servers import Visitor, pair, serving
from hubbub.cli import leaving
from hubbub.cli.errors import Unfinished
from hubbub.cli.leaving import hear_out
from hubbub.client import Connection, Reconnecting


async def joined(address: str) -> tuple[Reconnecting, asyncio.Task[str]]:
    link = Reconnecting(lambda: Connection.open(address, name="ada"))
    await link.open()

    async def hear() -> str:
        return "".join([type(event).__name__[0] async for event in link.events()])

    return link, asyncio.create_task(hear())


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(leaving, "LEAVE_TIMEOUT", 0.01)
    return []


async def test_a_server_that_reads_on_is_waited_for(told: list[int]) -> None:
    waiting = asyncio.Event()

    def waits(lines: int) -> None:
        told.append(lines)
        waiting.set()

    async def script(visitor: Visitor) -> None:
        await waiting.wait()
        assert (await visitor.read_to_end()).endswith(b"2         hi")
        await visitor.send(pair("bob", "bye"))

    async with serving(script) as address:
        link, hearing = await joined(address)
        await link.say("hi")
        assert link.outstanding == 1
        await hear_out(link, hearing, asyncio.Event(), lines=7, waits=waits)
        assert (await hearing, told) == ("JMD", [7])


async def test_one_that_does_not_close_may_not_have_taken_all(
    told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "patience", lambda lines: 0.05 * lines)
    given_up = asyncio.Event()

    async def script(_: Visitor) -> None:
        await given_up.wait()

    async with serving(script) as address:
        link, hearing = await joined(address)
        with pytest.raises(Unfinished, match="did not close within"):
            await hear_out(link, hearing, asyncio.Event(), lines=1)
        given_up.set()
        await hearing


async def test_who_does_not_want_to_wait_is_told_what_that_means(told: list[int]) -> None:
    given_up = asyncio.Event()

    async def script(_: Visitor) -> None:
        await given_up.wait()

    def waits(lines: int) -> None:
        told.append(lines)
        heard_out.cancel()

    async with serving(script) as address:
        link, hearing = await joined(address)
        heard_out = asyncio.create_task(
            hear_out(link, hearing, asyncio.Event(), lines=1, waits=waits)
        )
        with pytest.raises(Unfinished, match="left at once"):
            await heard_out
        given_up.set()
        await hearing
    assert told == [1]
