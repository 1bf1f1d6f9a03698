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
from hubbub.cli.joining import (
    EARLIER,
    Joining,
    JoiningCommand,
    joining_options,
    login_name,
    read_address,
)
from hubbub.cli.rendering import HAPPENED, UNSHOWN, Happened, Rendering, happened
from hubbub.cli.standard_streams import calling_when_unread, write_line
from hubbub.client import (
    BadName,
    CannotConnect,
    Connection,
    ConnectionLost,
    Disconnected,
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
def tail(*, joining: Joining, as_json: bool) -> None:
    """Print what is said, as it is said, until Ctrl-C or until the server closes.

    Nobody listens unnamed: the name is your login name with "-tail" unless --name gives another.
    Standard output carries what is said and who comes and goes; all else goes to standard error.

    With --json each line has `time` (RFC 3339, UTC), `sender`, `text` and `kind`: "message" from
    people, "notice" and "error" from the house. What is told again of the past has "replayed":
    true. On an IRC server `time` is when it was said, and messages have `room` and `msgid`; on a
    classic one `time` is that of receipt, and a line of the past has its own in `text`.

    \b
    Exit status:
      0  the server closed in order, Ctrl-C, or nobody reads the output any more
      1  the line was cut, or what came made no sense
      2  wrong usage, or nobody could be reached
    """
    try:
        with failing(BadName, CannotConnect):
            asyncio.run(_tail(joining, as_json=as_json))
    except KeyboardInterrupt:
        pass  # how a tail ends
    except ConnectionLost as lost:
        raise Unfinished(lost.reason) from lost


async def _tail(joining: Joining, *, as_json: bool) -> None:
    name = f"{login_name()}-tail" if joining.name is None else joining.name
    options = joining.options(recent=EARLIER)
    async with connect(joining.address, name=name, **options) as chat:
        printing = asyncio.create_task(_print(chat, joining.room, as_json=as_json))
        try:
            with calling_when_unread(printing.cancel):
                await asyncio.wait({printing})
        finally:
            printing.cancel()
        if not printing.cancelled():
            await printing


async def _print(chat: Connection, room: str, *, as_json: bool) -> None:
    colour = wants_colour(os.environ, terminal=sys.stdout.isatty())
    rendering = Rendering(colour=colour, room=room)
    aside = Rendering(colour=False)
    async for event in chat.events():
        if isinstance(event, (Message, Notice, Refused, *HAPPENED)):
            line = _record(event) if as_json else rendering.line(event)
            try:
                await write_line(line)
            except BrokenPipeError:
                return
        elif isinstance(event, Disconnected) and not event.clean:
            raise ConnectionLost(event.reason)
        elif not isinstance(event, (Joined, *UNSHOWN)):
            click.echo(aside.line(event), err=True)


def _record(event: Message | Notice | Refused | Happened) -> str:
    time = datetime.fromtimestamp(event.time / 1000, UTC).isoformat(timespec="milliseconds")
    record: dict[str, str | bool] = {"time": time.replace("+00:00", "Z"), **_words(event)}
    if isinstance(event, Message | Notice) and event.replayed:
        record["replayed"] = True
    if isinstance(event, Message):
        more: dict[str, str | bool] = {"room": event.room, "msgid": event.msgid}
        more |= {"direct": event.direct, "action": event.action}
        record |= {key: value for key, value in more.items() if value}
    return json.dumps(record, ensure_ascii=False)


def _words(event: Message | Notice | Refused | Happened) -> dict[str, str | bool]:
    match event:
        case Message(sender=sender, text=text):
            return {"sender": sender, "text": text, "kind": "message"}
        case Refused(sender=sender, reason=reason):
            return {"sender": sender, "text": reason, "kind": "error"}
        case Notice(sender=sender, text=text):
            return {"sender": sender, "text": text, "kind": "notice"}
        case _:
            return {"sender": "", "text": happened(event), "kind": "notice"}
