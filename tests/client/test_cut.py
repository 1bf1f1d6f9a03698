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
    from collections.abc import Callable
    from pathlib import Path

CUTS = 50


class Person:
    """Somebody who says numbered lines and remembers what others say."""

    def __init__(self, port: int, name: str) -> None:
        self.name = name
        self.said = 0
        self.heard: list[str] = []
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

    async def talk(self, goes_on: Callable[[], bool]) -> None:
        while goes_on():
            self.said += 1
            await self.link.say(f"{self.name} {self.said}")
            if len(self.link.kept) > 3:  # some are typed while there is no line
                await self.link.wait_sent()
        await self.link.wait_sent()

    async def until_heard(self, whom: Person) -> None:
        while len([text for text in self.heard if text.startswith(whom.name)]) < whom.said:
            self._news.clear()
            await self._news.wait()

    def lines_of(self, whom: Person) -> list[str]:
        return [text for text in self.heard if text.startswith(whom.name)]

    async def leave(self) -> None:
        await self.link.close()
        if self._listening is not None:
            await self._listening

    async def _listen(self) -> None:
        async for event in self.link.events():
            if isinstance(event, Message):
                self.heard.append(event.text)
                self._news.set()


def all_of(whom: Person) -> list[str]:
    return [f"{whom.name} {number}" for number in range(1, whom.said + 1)]


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_fifty_cuts_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    random = Random(20261122)
    with start_server(tmp_path / "data", env=UNLIMITED) as server:
        # From the welcome, which is some 3,000 bytes, to a few hundred messages.
        async with cut_line(server.port, random, every=(200, 12_000)) as line:
            ada, bob = Person(line.port, "ada"), Person(server.port, "bob")
            await bob.arrive()
            await ada.arrive()

            def goes_on() -> bool:
                line.whole = line.cuts >= CUTS
                return not line.whole

            async with asyncio.TaskGroup() as talking:
                talking.create_task(ada.talk(goes_on))
                talking.create_task(bob.talk(goes_on))
            await bob.until_heard(ada)
            await ada.until_heard(bob)
            assert bob.lines_of(ada) == all_of(ada)
            assert ada.lines_of(bob) == all_of(bob)
            assert ada.lines_of(ada) == [], "what one says oneself is not told"
            assert line.cuts >= CUTS
            await ada.leave()
            await bob.leave()
