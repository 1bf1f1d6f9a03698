"""The line is cut again and again while messages flow both ways: no hole, and nothing twice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from client.cutting import cut_line
from hubbub import client
from hubbub.client import Backoff, Message, Reconnecting
from running.server import UNLIMITED, start_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

CUTS = 50


class Person:
    """Somebody who says numbered lines and remembers what others say."""

    def __init__(self, port: int, name: str) -> None:
        self.name = name
        self.said: list[str] = []
        self.told: list[str] = []
        self.heard: list[Message] = []
        self.link = Reconnecting.to(
            f"irc://127.0.0.1:{port}", name=name, backoff=Backoff(first=0.01, longest=0.05)
        )
        self._news = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def arrive(self) -> None:
        while True:
            with suppress(client.CannotConnect, client.ConnectionLost):
                await self.link.open()
                break
        self._listening = asyncio.create_task(self._listen())

    async def talk(self, goes_on: Callable[[], bool], confidant: Person | None = None) -> None:
        while goes_on():
            is_long = len(self.said) % 3 == 0
            before = f"in several lines\n\n{'and so on ' * 60}\n" if is_long else ""
            self.said.append(f"{before}{self.name} {len(self.said)}")
            await self.link.say(self.said[-1])
            if confidant is not None:
                self.told.append(f"psst {len(self.told)}")
                await self.link.say(self.told[-1], to=confidant.name)
            if len(self.link.kept) > 3:  # some are typed while there is no line
                await self.link.wait_sent()
        await self.link.wait_sent()

    def lines_of(self, name: str, *, direct: bool = False) -> list[str]:
        return [one.text for one in self.heard if one.sender == name and one.direct == direct]

    async def hears(self, name: str, last: str) -> None:
        """Wait until somebody has said something that ends so."""
        while not any(one.text.endswith(last) for one in self.heard if one.sender == name):
            self._news.clear()
            await self._news.wait()

    async def leave(self) -> None:
        await self.link.close()
        if self._listening is not None:
            await self._listening

    async def _listen(self) -> None:
        async for event in self.link.events():
            if isinstance(event, Message):
                self.heard.append(event)
                self._news.set()


async def ramble(address: str, goes_on: Callable[[], bool]) -> str:
    """Say long messages by the classic protocol, each several lines of IRC; gives all of it."""
    said = ""
    async with client.connect(f"classic://{address}", name="carol") as carol:
        hearing = asyncio.create_task(anext(aiter(carol), None))
        while goes_on():
            text = f"carol {len(said)} " + "and so on " * 60
            said += text
            await carol.say(text)
            await asyncio.sleep(0.002)
        hearing.cancel()
    return said


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_fifty_cuts_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    random = Random(20261122)
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        # From the welcome, which is some 3,000 bytes, to a few hundred messages.
        async with cut_line(server.port, random, every=(200, 12_000)) as line:
            ada, bob = Person(line.port, "ada"), Person(server.port, "bob")

            def goes_on() -> bool:
                line.whole = line.cuts >= CUTS
                return not line.whole

            await bob.arrive()
            await ada.arrive()
            async with asyncio.TaskGroup() as talking:
                talking.create_task(ada.talk(goes_on, bob))
                talking.create_task(bob.talk(goes_on))
            await bob.link.say("all said")
            await ada.hears("bob", "all said")
            assert bob.lines_of("ada") == ada.said
            assert bob.lines_of("ada", direct=True) == ada.told
            assert ada.lines_of("bob") == [*bob.said, "all said"]
            assert ada.lines_of("ada") == [], "what one says oneself is not told"
            await ada.leave()
            await bob.leave()


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_messages_of_several_lines_survive_cuts_between_them(tmp_path: Path) -> None:
    random = Random(1)
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        async with cut_line(server.port, random, every=(20_000, 150_000)) as line:
            ada = Person(line.port, "ada")
            await ada.arrive()

            def goes_on() -> bool:
                return line.cuts < 15

            said = await ramble(f"127.0.0.1:{server.port}", goes_on)
            line.whole = True
            async with client.connect(f"irc://127.0.0.1:{server.port}", name="bob") as bob:
                await bob.say("all said")
            await ada.hears("bob", "all said")
            assert "".join(ada.lines_of("carol")) == said
            await ada.leave()


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_server_killed_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    killed = 0

    def goes_on() -> bool:
        return killed < 3

    server = start_server(tmp_path / "data", env=UNLIMITED)
    ada, bob = Person(server.port, "ada"), Person(server.port, "bob")
    try:
        await bob.arrive()
        await ada.arrive()
        async with asyncio.TaskGroup() as talking:
            talking.create_task(ada.talk(goes_on))
            talking.create_task(bob.talk(goes_on))
            for _ in range(3):
                await ada.hears("bob", f"bob {len(bob.said) + 20}")
                server.kill()
                port = str(server.port)
                again = (tmp_path / "data", "--port", port)
                server = await asyncio.to_thread(start_server, *again, env=UNLIMITED)
                killed += 1
        await bob.link.say("bob said all")
        await ada.link.say("ada said all")
        await ada.hears("bob", "said all")
        await bob.hears("ada", "said all")
        assert bob.lines_of("ada") == [*ada.said, "ada said all"]
        assert ada.lines_of("bob") == [*bob.said, "bob said all"]
        assert (ada.link.connection or bob.link.connection) is not None
        await ada.leave()
        await bob.leave()
    finally:
        server.kill()


async def test_a_kept_line_to_somebody_alone_waits_until_they_are_back(tmp_path: Path) -> None:
    quick = Backoff(first=0.01, longest=0.05)
    with await asyncio.to_thread(start_server, tmp_path / "data") as server:
        ada = Reconnecting.to(f"127.0.0.1:{server.port}", name="ada", backoff=quick)
        await ada.open()
        events = ada.events()
        async for event in events:
            if isinstance(event, client.Joined):
                server.kill()
            if isinstance(event, client.Waiting):
                break
    assert not await ada.say("psst", to="benny")
    assert not await ada.say("to all")
    flags = ("--port", str(server.port))
    with await asyncio.to_thread(start_server, tmp_path / "data", *flags) as server:
        said: list[tuple[str, ...]] = []
        async for event in events:
            if isinstance(event, client.CaughtUp):
                said.append(event.texts)
                break
        assert said == [("to all",)], "the other one was not said"
        assert list(ada.kept) == ["psst"]
        await ada.wait_sent()  # which does not wait for people
        going_on = asyncio.create_task(_until_caught_up(events))
        async with client.connect(f"127.0.0.1:{server.port}", name="benny") as benny:
            async for message in benny:
                if message.direct:
                    break
            assert (message.sender, message.text) == ("ada", "psst")
            assert await going_on == ("psst",)
        assert list(ada.kept) == []
        await ada.close()


async def _until_caught_up(events: AsyncIterator[client.Event]) -> tuple[str, ...]:
    async for event in events:
        if isinstance(event, client.CaughtUp):
            return event.texts
    raise AssertionError("the line was cut again")
