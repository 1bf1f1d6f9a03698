"""`hubbub chat` without line editing: in a pipe, or on a terminal that cannot move its cursor.

Messages go to standard output; what happens to the connection goes to standard error.
"""

from __future__ import annotations

import asyncio

import click

from hubbub.cli.chat_commands import CannotDo, Commands, Spoken
from hubbub.cli.errors import Unfinished
from hubbub.cli.leaving import hear_out
from hubbub.cli.rendering import HAPPENED, UNSHOWN, Rendering, renamed
from hubbub.cli.standard_streams import read_lines, write_line
from hubbub.client import (
    ConnectionLost,
    Disconnected,
    Event,
    Joined,
    Message,
    Notice,
    Reconnecting,
    Refused,
    Waiting,
)
from hubbub.client.connection import LEAVE_TIMEOUT
from hubbub.text.sanitise import one_line

ATTEMPTS = 6
"""In a row, about half a minute; then whoever runs the pipe is told what was not sent."""


async def converse(link: Reconnecting, rendering: Rendering, commands: Commands) -> tuple[str, ...]:
    """Send standard input and print what comes, until the input ends; gives what was not sent.

    Raises ConnectionLost when the server is gone for good before that, and Unfinished when it
    refused something, or may not have taken all of it.
    """
    ear = _Ear(rendering)
    talking = asyncio.create_task(_talk(link, commands, ear))
    hearing = asyncio.create_task(ear.hear(link))
    try:
        await asyncio.wait({talking, hearing}, return_when=asyncio.FIRST_COMPLETED)
        if talking.done() and not hearing.done():
            ear.leaving = True
            # A script is told the truth, however long ago it said its last line.
            await hear_out(link, hearing, ear.answered, lines=max(1, link.outstanding))
    finally:
        talking.cancel()
        await asyncio.wait({talking})
        await link.close()
        # Last words are printed, however the conversation ended.
        await asyncio.wait({hearing}, timeout=LEAVE_TIMEOUT)
        hearing.cancel()
    if not talking.cancelled():
        talking.result()
    elif not link.kept and (reason := hearing.result()):
        raise ConnectionLost(reason)
    if not link.kept:
        ear.judge()
    return link.kept


async def _talk(link: Reconnecting, commands: Commands, ear: _Ear) -> None:
    async for line in read_lines():
        if line.strip() == "/quit":
            return
        try:
            shown = await commands.run(line)
        except CannotDo as no:
            ear.refused(str(no))
            continue
        for answer in shown:
            if not isinstance(answer, Spoken):
                await ear.answer(answer)
        await link.wait_sent()


class _Ear:
    """Prints what comes, and remembers what of it is bad news for whoever runs the pipe."""

    def __init__(self, rendering: Rendering) -> None:
        self.answered = asyncio.Event()
        """Set whenever the house says something: it is still at work on what we sent."""
        self.leaving = False
        """Nothing more is said, so the server's end is worth hearing, read or not."""
        self._rendering = rendering
        self._printing = asyncio.Lock()
        self._refused: list[str] = []
        self._doubtful: list[str] = []
        self._cut = ""  # why, if the end came while we were leaving

    async def print(self, line: str) -> bool:
        """Print it; False when nobody reads any more."""
        async with self._printing:  # a descriptor can be waited for by one at a time
            try:
                await write_line(line)
            except BrokenPipeError:
                return False
        return True

    async def answer(self, shown: str | Message) -> None:
        """Print what was asked for."""
        line = f"-- {shown}" if isinstance(shown, str) else self._rendering.line(shown)
        await self.print(line)

    def refused(self, reason: str) -> None:
        """Hear that something was not done, before the server was even asked."""
        self._refused.append(reason)
        click.echo(f"!! error: {reason}", err=True)

    async def hear(self, link: Reconnecting) -> str:
        """Print until there is no more; why the server is gone, or nothing if it is the reader."""
        aside = Rendering(colour=False)
        reason = ""
        is_read = True
        async for event in link.events():
            self._note(event)
            if isinstance(event, UNSHOWN):
                continue
            if isinstance(event, (Message, Notice, Refused, *HAPPENED)):
                is_read = is_read and await self.print(self._rendering.line(event))
                if not is_read and not self.leaving:
                    return ""
                continue
            if isinstance(event, Disconnected | Waiting):
                reason = event.reason
            if isinstance(event, Joined) and event.why:
                click.echo(f"hint: {renamed(event)}", err=True)
            if not isinstance(event, Joined | Disconnected):
                click.echo(aside.line(event), err=True)
        return reason

    def _note(self, event: Event) -> None:
        match event:
            case Notice():
                self.answered.set()
            case Refused(reason=reason):
                self.answered.set()
                self._refused.append(reason)
            case Disconnected():
                self._doubtful += event.doubtful
                self._cut = event.reason if self.leaving and not event.clean else ""
            case _:
                pass

    def judge(self) -> None:
        """Raise Unfinished unless all that was said went well, as far as can be known."""
        if self._refused:
            raise Unfinished(f"the server refused it: {'; '.join(dict.fromkeys(self._refused))}")
        if self._cut:
            raise Unfinished(f"{self._cut}: what was said last may not have arrived")
        if self._doubtful:
            lines = "1 line" if len(self._doubtful) == 1 else f"{len(self._doubtful)} lines"
            first = one_line(self._doubtful[0])
            raise Unfinished(f"{lines} may not have arrived before a cut. The first: {first}")
