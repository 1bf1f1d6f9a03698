"""`hubbub say`: say one thing, or each line of standard input, and leave.

Owns the order that makes the exit status mean something: where the server confirms what is said
(IRC), wait for that; else say all, half-close, hear the server out until it closes. How things
travel is in `hubbub.client`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from hubbub.cli.errors import Fail, Unfinished, failing
from hubbub.cli.joining import Joining, joining_options, login_name, read_address
from hubbub.cli.rendering import renamed
from hubbub.cli.standard_streams import read_lines
from hubbub.client import (
    Address,
    BadName,
    CannotConnect,
    Connection,
    ConnectionLost,
    Disconnected,
    Hint,
    Joined,
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
  hubbub say irc.example.org hello --room '#tea'
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
    help="How long to wait for the server's word: for each line of an IRC server, of a classic one "
    "until it closes after all.  [default: 10, and 0.25 for each line, because servers slow down "
    "who says much]",
)
def say(*, joining: Joining, text: tuple[str, ...], timeout: float | None) -> None:
    """Say TEXT, or each line of standard input, and leave.

    The words of TEXT are joined by spaces; after -- they may begin with a dash. Without TEXT each
    line of standard input is a message, said as soon as it comes; no line, no connection. The name
    is your login name unless --name gives another.

    \b
    Exit status:
      0  the server took everything and said no to nothing. With a hubbub
         server 0 means saved. Other IRC servers have sent it on; other classic
         servers confirm nothing: there 0 means sent.
      1  an "error: ..." from the server, the line was cut, or the time was up
      2  wrong usage, or nobody could be reached
    """
    if not text and sys.stdin.isatty():
        raise click.UsageError("nothing to say: give TEXT, or lines on standard input.")
    if text and not " ".join(text).strip():
        raise click.UsageError("nothing to say: TEXT is empty.")
    _hint_at_port(joining.address, text)
    texts = _given(" ".join(text)) if text else read_lines()
    try:
        with failing(BadName, CannotConnect):
            asyncio.run(_say_all(joining, texts, timeout))
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
    joining: Joining,
    texts: AsyncIterator[str],
    timeout: float | None,  # noqa: ASYNC109
) -> None:
    first = await _first_with_words(texts)
    if first is None:
        return
    name = login_name() if joining.name is None else joining.name
    async with connect(joining.address, name=name, **joining.options()) as chat:
        # Who gave no name does not mind which; at a terminal of their own it is mostly taken.
        hearing = asyncio.create_task(_hear(chat, named=joining.name is not None))
        lost: ConnectionLost | None = None
        try:
            if chat.confirms:
                await _say_confirmed(chat, first, texts, timeout or patience(1))
            else:
                said = await _send(chat, first, texts)
                await _wait_closed(chat, timeout or patience(said))
        except ConnectionLost as error:
            lost = error
        finally:
            chat.abort()
        _judge(await hearing, lost)


async def _say_confirmed(
    chat: Connection, first: str, texts: AsyncIterator[str], seconds: float
) -> None:
    """Say each text and wait for the server's word for it, then leave."""
    await _say_in_time(chat, first, seconds)
    async for text in texts:
        await _say_in_time(chat, text, seconds)
    await chat.close()


async def _say_in_time(chat: Connection, text: str, seconds: float) -> None:
    lines = max(1, text.count("\n"))
    try:
        async with asyncio.timeout(seconds * lines):
            await chat.say(text)
    except TimeoutError:
        raise Unfinished(
            f"{chat.address} said nothing of it within {seconds * lines:g} s: it may not have "
            "taken everything (--timeout waits longer)"
        ) from None


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


async def _hear(chat: Connection, *, named: bool) -> tuple[list[str], Disconnected]:
    """What the server refused, and how it closed; hints are passed on at once."""
    refused: list[str] = []
    async for event in chat.events():
        match event:
            case Refused(reason=reason):
                refused.append(reason)
            case Hint(text=text):
                click.echo(f"hint: {text}", err=True)
            case Joined(why=why) if why and named:
                click.echo(f"hint: {renamed(event)}", err=True)
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
