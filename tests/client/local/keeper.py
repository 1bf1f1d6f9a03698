"""A client that keeps a notebook, for tests: it joins, talks, hears, and is started again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hubbub.client import Address, Backoff, Message, Reconnecting
from hubbub.client.events import CaughtUp, Joined
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hubbub.client.events import Event
    from hubbub.client.local.writing import Bounds

PATIENCE = 20.0
"""Seconds until a test that waits for something fails."""


class Keeper:
    """Somebody with a notebook; `events` are those of this run."""

    def __init__(self, address: str, name: str, notebook: Notebook) -> None:
        self.events: list[Event] = []
        self.notebook = notebook
        self.link = Reconnecting.to(
            address,
            name=name,
            backoff=Backoff(first=0.01, longest=0.05),
            notebook=notebook,
            recent=20,
            everything=True,
        )
        self._news = asyncio.Event()

    @property
    def texts(self) -> list[str]:
        """What was heard in this run."""
        return [event.text for event in self.events if isinstance(event, Message)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def hears(self, text: str) -> None:
        await self.until(lambda: text in self.texts)

    async def kept(self, place: str) -> list[str]:
        """What the notebook has of a place, without the lines that are no talk."""
        await self.notebook.settled()
        page = await self.notebook.pages.before(place, limit=100_000)
        return [event.text for event in page.events if isinstance(event, Message)]

    async def listen(self) -> None:
        async for event in self.link.events():
            self.events.append(event)
            self._news.set()


@asynccontextmanager
async def keeping(
    state: Path,
    address: str,
    name: str,
    *,
    log: bool = True,
    bounds: Bounds | None = None,
    connected: bool = True,
) -> AsyncIterator[Keeper]:
    """One run of the client, from the start to an orderly end."""
    where = Address.parse(address)
    notebook = await Notebook.open(ClientFolder(state), where, name=name, log=log, bounds=bounds)
    keeper = Keeper(address, name, notebook)
    listening = None
    try:
        if connected:
            await keeper.link.open()
            listening = asyncio.create_task(keeper.listen())
            await keeper.until(lambda: any(isinstance(one, Joined) for one in keeper.events))
        yield keeper
    finally:
        await keeper.link.close()
        if listening is not None:
            await listening
        await notebook.close()


def caught_up(keeper: Keeper) -> list[str]:
    """What was said late in this run."""
    told = [event.texts for event in keeper.events if isinstance(event, CaughtUp)]
    return [text for texts in told for text in texts]
