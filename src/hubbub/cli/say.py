"""`hubbub say`: say one thing, or each line of standard input, and leave.

Owns the order that makes the exit status mean something: say all, half-close, hear the server out
until it closes. How things travel is in `hubbub.client`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from hubbub.cli.errors import Fail, Unfinished, failing
from hubbub.cli.joining import joining_options, login_name, read_address, spoken
from hubbub.cli.standard_streams import read_lines
from hubbub.client import (
    Address,
    BadName,
    CannotConnect,
    Connection,
    ConnectionLost,
    Disconnected,
    Hint,
    Refused,
    connect,
)
from hubbub.client.backlog import patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EPILOG = """\
\b
Examples:
  hubbub say localhost "tea is ready" --name kitchen
  make 2>&1 | tail -1 | hubbub say 192.168.1.20 --name build
  hubbub say ship:5050 hello --header-length 64
"""


@click.command(epilog=EPILOG)
@click.argument("server", callback=read_address, metavar="HOST[:PORT]")
@click.argument("text", nargs=-1, metavar="[TEXT]...")
@joining_options
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long to wait for the server to close after all was said.  [default: 10, and 0.25 for "
    "each line, because servers slow down who says much]",
)
def say(  # the parameters are explained to click
    *,
    server: Address,
    text: tuple[str, ...],
    name: str | None,
    header_length: int | None,
    frames: int | None,
    expect_ack: bool,
    timeout: float | None,
) -> None:
    """Say TEXT, or each line of standard input, and leave.

    The words of TEXT are joined by spaces; after -- they may begin with a dash. Without TEXT each
    line of standard input is a message, said as soon as it comes; no line, no connection. The name
    is your login name unless --name gives another.

    \b
    Exit status:
      0  the server took everything, closed in order and said no to nothing.
         A hubbub server closes when all is decided and saved: 0 means saved.
         Other classic servers confirm nothing: there 0 means sent.
      1  an "error: ..." from the server, the line was cut, or the time was up
      2  wrong usage, or nobody could be reached
    """
    if not text and sys.stdin.isatty():
        raise click.UsageError("nothing to say: give TEXT, or lines on standard input.")
    if text and not " ".join(text).strip():
        raise click.UsageError("nothing to say: TEXT is empty.")
    address = spoken(server, header_length, frames, expect_ack=expect_ack)
    who = login_name() if name is None else name
    _hint_at_port(address, text)
    texts = _given(" ".join(text)) if text else read_lines()
    try:
        with failing(BadName, CannotConnect):
            asyncio.run(_say_all(address, who, texts, timeout))
    except KeyboardInterrupt:
        raise Unfinished("interrupted: what was sent last may not have arrived") from None


def _hint_at_port(address: Address, text: tuple[str, ...]) -> None:
    """Say how a port is written if the text looks like one; it is said all the same."""
    if len(text) == 1 and text[0].isdecimal() and 1024 <= int(text[0]) <= 65535:
        click.echo(
            f"hint: {text[0]} is the text here; a port is written {address.host}:{text[0]}",
            err=True,
        )


async def _given(text: str) -> AsyncIterator[str]:
    yield text


async def _say_all(
    address: Address,
    name: str,
    texts: AsyncIterator[str],
    timeout: float | None,  # noqa: ASYNC109
) -> None:
    first = await _first_with_words(texts)
    if first is None:
        return
    async with connect(address, name=name) as chat:
        hearing = asyncio.create_task(_hear(chat))
        lost: ConnectionLost | None = None
        try:
            said = await _send(chat, first, texts)
            await _wait_closed(chat, timeout or patience(said))
        except ConnectionLost as error:
            lost = error
        finally:
            chat.abort()
        _judge(await hearing, lost)


async def _send(chat: Connection, first: str, texts: AsyncIterator[str]) -> int:
    """Say all of it, and that it was all; gives how many lines that were."""
    said = 1
    await chat.say(first)
    async for text in texts:
        await chat.say(text)
        said += 1
    await chat.half_close()
    return said


async def _wait_closed(chat: Connection, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await chat.wait_closed()
    except TimeoutError:
        raise Unfinished(
            f"{chat.address} did not close within {seconds:g} s: it may not have taken everything "
            "(--timeout waits longer)"
        ) from None


async def _first_with_words(texts: AsyncIterator[str]) -> str | None:
    async for text in texts:
        if text.strip():
            return text
    return None


async def _hear(chat: Connection) -> tuple[list[str], Disconnected]:
    """What the server refused, and how it closed; hints are passed on at once."""
    refused: list[str] = []
    async for event in chat.events():
        match event:
            case Refused(reason=reason):
                refused.append(reason)
            case Hint(text=text):
                click.echo(f"hint: {text}", err=True)
            case Disconnected():
                return refused, event
            case _:
                pass  # what others say is not for us
    raise Fail("the connection ended without an end")  # no connection does


def _judge(heard: tuple[list[str], Disconnected], lost: ConnectionLost | None) -> None:
    """Raise Unfinished unless all went well."""
    refused, end = heard
    if refused:
        raise Unfinished(f"the server refused it: {'; '.join(dict.fromkeys(refused))}")
    if not end.clean:
        raise Unfinished(f"{end.reason}: what was said may not have arrived")
    if lost is not None:
        raise Unfinished(f"{end.reason} before everything was said")
