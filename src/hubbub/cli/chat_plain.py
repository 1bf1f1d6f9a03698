"""`hubbub chat` without line editing: in a pipe, or on a terminal that cannot move its cursor.

Messages go to standard output; what happens to the connection goes to standard error.
"""

from __future__ import annotations

import asyncio

import click

from hubbub.cli.rendering import Rendering
from hubbub.cli.standard_streams import read_lines, write_line
from hubbub.client import (
    ConnectionLost,
    Disconnected,
    Joined,
    Message,
    Notice,
    Reconnecting,
    Refused,
    Waiting,
)
from hubbub.client.connection import LEAVE_TIMEOUT

ATTEMPTS = 6
"""In a row, about half a minute; then whoever runs the pipe is told what was not sent."""


async def converse(link: Reconnecting, rendering: Rendering) -> tuple[str, ...]:
    """Send standard input and print what comes, until the input ends; gives what was not sent.

    Raises ConnectionLost when the server is gone for good before that.
    """
    talking = asyncio.create_task(_talk(link))
    hearing = asyncio.create_task(_hear(link, rendering))
    try:
        await asyncio.wait({talking, hearing}, return_when=asyncio.FIRST_COMPLETED)
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
    return link.kept


async def _talk(link: Reconnecting) -> None:
    async for line in read_lines():
        if line.strip() == "/quit":
            return
        await link.say(line)
        await link.wait_sent()


async def _hear(link: Reconnecting, rendering: Rendering) -> str:
    """Print until there is no more; why the server is gone, or nothing if it is the reader."""
    aside = Rendering(colour=False)
    reason = ""
    async for event in link.events():
        if isinstance(event, Message | Notice | Refused):
            try:
                await write_line(rendering.line(event))
            except BrokenPipeError:
                return ""
            continue
        if isinstance(event, Disconnected | Waiting):
            reason = event.reason
        if not isinstance(event, Joined | Disconnected):
            click.echo(aside.line(event), err=True)
    return reason
