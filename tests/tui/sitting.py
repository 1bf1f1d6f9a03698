"""Somebody who sits at the screen, for tests: types, presses keys, and waits until it shows."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hubbub import client
from hubbub.client import Address
from hubbub.client.buffers import Link
from hubbub.tui.app import HubbubApp
from hubbub.tui.screens.chat import ChatScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot

    from hubbub.client.buffers import Buffer
    from hubbub.client.local.folder import ClientFolder
    from hubbub.tui.sessions import Session

PATIENCE = 15.0
"""Seconds until what never shows is a failure."""


class Sitting:
    """One person at one screen."""

    def __init__(self, app: HubbubApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def chat(self) -> ChatScreen:
        screen = next(one for one in self.app.screen_stack if isinstance(one, ChatScreen))
        assert isinstance(screen, ChatScreen)
        return screen

    @property
    def session(self) -> Session:
        return next(iter(self.app.servers))

    @property
    def buffer(self) -> Buffer:
        assert self.chat.here is not None
        return self.chat.here.buffer

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.buffer.timeline.entries if one.is_talk]

    @property
    def news(self) -> str:
        return self.chat._news

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        try:
            async with asyncio.timeout(PATIENCE):
                # The screen tells nobody when it changes, so it is asked.
                while not condition():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"never so:\n{self.screen()}") from None

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Have this in the box, and press Enter."""
        self.chat.box.put(text)
        await self.press("enter")

    async def say(self, text: str) -> None:
        """Say it, and see that it is saved."""
        await self.type(text)
        await self.until(
            lambda: any(one.text == text and one.msgid for one in self.buffer.timeline.entries)
        )

    def rows(self) -> list[str]:
        """The rows of the timeline in sight."""
        view = self.chat.view
        return [view.render_line(y).text.rstrip() for y in range(view.size.height)]

    def screen(self) -> str:
        """All that is shown, as characters."""
        width, height = self.app.size
        lines = [["?"] * width for _ in range(height)]
        screen = self.app.screen
        for y, strip in enumerate(screen._compositor.render_strips()):
            lines[y] = list(strip.text)
        return "\n".join("".join(line).rstrip() for line in lines)


@asynccontextmanager
async def sitting(
    address: str,
    room: str,
    *,
    name: str = "ada",
    size: tuple[int, int] = (100, 26),
    folder: ClientFolder | None = None,
) -> AsyncIterator[Sitting]:
    """Somebody who has come into a room of a server."""
    app = HubbubApp(
        name=name, address=Address.parse(address), options={"rooms": [room]}, folder=folder
    )
    async with app.run_test(size=size) as pilot:
        one = Sitting(app, pilot)
        await one.until(lambda: one.session.mirror.link is Link.UP)
        await one.until(lambda: one.buffer.name.lower() == room.lower() and one.buffer.members)
        yield one


@asynccontextmanager
async def visitor(
    address: str, room: str, *, name: str = "bob"
) -> AsyncIterator[client.Connection]:
    """Somebody else in the room, whose screen is not looked at."""
    async with client.connect(address, name=name, rooms=[room], everything=True) as chat:
        yield chat
