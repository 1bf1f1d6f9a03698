"""`hubbub chat` on a terminal: a line to type on, and the conversation above it.

Owns the screen. prompt_toolkit keeps the line that is being typed whole while others talk; an own
line is shown once, in the place and the form of all others, when it is sent or kept.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.layout import Dimension
from prompt_toolkit.patch_stdout import patch_stdout

from hubbub.cli.chat_commands import CannotDo
from hubbub.cli.leaving import hear_out
from hubbub.cli.rendering import PARTLY_REFUSED, REFUSED, UNSENT, UNSHOWN, renamed
from hubbub.client import (
    ConnectionLost,
    Disconnected,
    Event,
    Joined,
    KeptFull,
    Message,
    Notice,
    Reconnecting,
    Refused,
    Renamed,
    Waiting,
)
from hubbub.client.opening import system_time
from hubbub.text.sanitise import one_line, without_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.buffer import Buffer

    from hubbub.cli.chat_commands import Commands, Shown
    from hubbub.cli.rendering import Rendering

PASTE_HEIGHT = 8
"""Rows of the screen that the lines being typed or pasted take, at most."""


async def converse(
    link: Reconnecting,
    rendering: Rendering,
    name: str,
    commands: Commands,
    clock: Callable[[], int] = system_time,
) -> tuple[str, ...]:
    """Chat until the person leaves; gives what was not sent.

    Raises ConnectionLost when there is no use in coming back, and Unfinished when the server may
    not have taken all of it.
    """
    screen = _Screen(rendering, name)
    session = _prompt(screen, commands)
    with patch_stdout(raw=True):
        hearing = asyncio.create_task(_hear(link, screen))
        talking = asyncio.create_task(_talk(commands, screen, session, clock))
        try:
            await asyncio.wait({hearing, talking}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done() and not hearing.done() and not link.kept:
                await hear_out(
                    link, hearing, screen.answered, lines=link.outstanding, waits=screen.waits
                )
        finally:
            begun = session.default_buffer.text
            for task in (talking, hearing):
                task.cancel()
            await asyncio.wait({talking, hearing})
            await link.close()
    if not talking.cancelled():
        talking.result()
        return link.kept
    if begun.strip() or link.kept:
        return (*link.kept, *([begun] if begun.strip() else []))
    raise ConnectionLost(hearing.result())


async def _talk(
    commands: Commands,
    screen: _Screen,
    session: PromptSession[str],
    clock: Callable[[], int],
) -> None:
    while True:
        try:
            session.bottom_toolbar = None  # it was about the last line
            line = await session.prompt_async()
        except (EOFError, KeyboardInterrupt):
            return
        if line.strip() == "/quit":
            return
        if not line.strip():
            continue
        try:
            shown = await commands.run(line)
        except KeptFull as full:
            screen.print(f"-- {full}; this one was not taken: {one_line(line)}")
            continue
        except CannotDo as no:
            screen.print(f"!! error: {no}")
            continue
        for one in shown:
            screen.answer(one, clock())


def _prompt(screen: _Screen, commands: Commands) -> PromptSession[str]:
    """The line to type on; several lines that were pasted wait on it until Enter sends them."""
    session: PromptSession[str] = PromptSession(
        lambda: f"{commands.place}{screen.name} > ", erase_when_done=True
    )

    def hint(typed: Buffer) -> None:
        count = len(_lines(typed.text))
        session.bottom_toolbar = f"Enter sends these {count} lines" if count > 1 else None

    session.default_buffer.on_text_changed += hint
    # A long paste scrolls in its own place and leaves the conversation on the screen.
    session.layout.current_window.height = Dimension(max=PASTE_HEIGHT)
    return session


def _lines(text: str) -> list[str]:
    """The messages that a text becomes."""
    return [line for line in without_controls(text).split("\n") if line.strip()]


async def _hear(link: Reconnecting, screen: _Screen) -> str:
    """Show what happens until there is no use in coming back; gives why."""
    reason = ""
    async for event in link.events():
        screen.show(event)
        if isinstance(event, Disconnected):
            reason = event.reason
    return reason


class _Screen:
    """The part above the line being typed."""

    def __init__(self, rendering: Rendering, name: str) -> None:
        self.rendering = rendering
        self.name = name
        self.answered = asyncio.Event()
        """Set whenever the house says something: it is still at work on what we sent."""
        self._reason = ""  # why there is no connection, as last shown

    def show(self, event: Event) -> None:
        if isinstance(event, UNSHOWN):
            return
        if isinstance(event, Waiting):
            if event.reason == self._reason:
                return  # it was said; a line every half minute would push the talk away
            self._reason = event.reason
        if isinstance(event, Notice | Refused):
            self.answered.set()
        if isinstance(event, Joined | Renamed):
            self.name = event.name
        self.print(self.rendering.line(event))
        if isinstance(event, Joined) and event.why:
            self.print(f"-- {renamed(event)}: /nick changes it")
        if isinstance(event, Disconnected):
            self._reason = event.reason
            for text in event.doubtful:
                self.print(f"-- this may not have arrived: {one_line(text)}")

    def answer(self, shown: Shown, now: int) -> None:
        """Show what came of a line that was typed: what was said as others get it."""
        if isinstance(shown, str):
            self.print(f"-- {shown}")
            return
        if isinstance(shown, Message):
            self.print(self.rendering.line(shown))
            return
        to = f"to {one_line(shown.to)}: " if shown.to else ""
        texts = _lines(shown.text)
        mark = "" if shown.sent else UNSENT
        if shown.refused:
            mark = REFUSED if len(texts) == 1 else PARTLY_REFUSED
        for text in texts:
            line = self.rendering.spoken(now, self.name, f"{to}{text}", action=shown.action)
            self.print(line + mark)

    def waits(self, lines: int) -> None:
        """Say why we are not gone yet."""
        count = "the last line" if lines == 1 else f"{lines} lines"
        self.print(f"-- waiting for the server to take {count}; Ctrl-C leaves now")

    def print(self, line: str) -> None:
        print_formatted_text(ANSI(line))
