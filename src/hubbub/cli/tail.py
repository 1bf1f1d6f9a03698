"""`hubbub tail`: print what is said, as it is said, for people or as JSON Lines.

Owns the JSON record; lines for people are in `rendering`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime

import click

from hubbub.cli.colour import wants_colour
from hubbub.cli.errors import Unfinished, failing
from hubbub.cli.joining import JoiningCommand, joining_options, login_name, read_address, spoken
from hubbub.cli.rendering import Rendering
from hubbub.cli.standard_streams import calling_when_unread, write_line
from hubbub.client import (
    Address,
    BadName,
    CannotConnect,
    Connection,
    ConnectionLost,
    Disconnected,
    Event,
    Joined,
    Message,
    Notice,
    Refused,
    connect,
)

EPILOG = """\
\b
Examples:
  hubbub tail localhost
  hubbub tail 192.168.1.20 --json | jq -r 'select(.kind == "message") | .text'
"""


@click.command(cls=JoiningCommand, epilog=EPILOG)
@click.argument("server", callback=read_address, metavar="HOST[:PORT]")
@joining_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def tail(
    *,
    server: Address,
    name: str | None,
    header_length: int | None,
    frames: int | None,
    expect_ack: bool,
    as_json: bool,
) -> None:
    """Print what is said, as it is said, until Ctrl-C or until the server closes.

    A classic server lets nobody listen unnamed: the name is your login name with "-tail" unless
    --name gives another. Standard output carries messages only; all else goes to standard error.

    With --json each line has `time` (of receipt, RFC 3339, UTC), `sender`, `text` and `kind`:
    "message" from people, "notice" and "error" from the house. What a hubbub
    server tells again of the past has "replayed": true, and the time it was said in `text`.

    \b
    Exit status:
      0  the server closed in order, Ctrl-C, or nobody reads the output any more
      1  the line was cut, or what came made no sense
      2  wrong usage, or nobody could be reached
    """
    address = spoken(server, header_length, frames, expect_ack=expect_ack)
    try:
        with failing(BadName, CannotConnect):
            asyncio.run(
                _tail(address, f"{login_name()}-tail" if name is None else name, as_json=as_json)
            )
    except KeyboardInterrupt:
        pass  # how a tail ends
    except ConnectionLost as lost:
        raise Unfinished(lost.reason) from lost


async def _tail(address: Address, name: str, *, as_json: bool) -> None:
    async with connect(address, name=name) as chat:
        printing = asyncio.create_task(_print(chat, as_json=as_json))
        try:
            with calling_when_unread(printing.cancel):
                await asyncio.wait({printing})
        finally:
            printing.cancel()
        if not printing.cancelled():
            await printing


async def _print(chat: Connection, *, as_json: bool) -> None:
    rendering = Rendering(colour=wants_colour(os.environ, terminal=sys.stdout.isatty()))
    aside = Rendering(colour=False)
    async for event in chat.events():
        if isinstance(event, Message | Notice | Refused):
            line = _record(event) if as_json else rendering.line(event)
            try:
                await write_line(line)
            except BrokenPipeError:
                return
        elif isinstance(event, Disconnected) and not event.clean:
            raise ConnectionLost(event.reason)
        elif not isinstance(event, Joined):
            click.echo(aside.line(event), err=True)


def _record(event: Message | Notice | Refused) -> str:
    text = event.reason if isinstance(event, Refused) else event.text
    time = datetime.fromtimestamp(event.time / 1000, UTC).isoformat(timespec="milliseconds")
    record: dict[str, str | bool] = {
        "time": time.replace("+00:00", "Z"),
        "sender": event.sender,
        "text": text,
        "kind": _kind(event),
    }
    if isinstance(event, Message) and event.replayed:
        record["replayed"] = True
    return json.dumps(record, ensure_ascii=False)


def _kind(event: Event) -> str:
    match event:
        case Message():
            return "message"
        case Refused():
            return "error"
        case _:
            return "notice"
