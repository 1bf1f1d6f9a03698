"""`hubbub chat`: join rooms from this terminal, full screen or line by line, or from a pipe.

Owns the choice between the three and what they share. The full screen is `hubbub.tui`, lines on a
terminal are in `chat_terminal`, the pipe's side in `chat_plain`.
"""

from __future__ import annotations

import asyncio
import os
import sys

import click

from hubbub.cli import chat_plain
from hubbub.cli.chat_commands import Commands
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
from hubbub.cli.remembered import name_there
from hubbub.cli.rendering import Rendering
from hubbub.client import Address, BadName, CannotConnect, ConnectionLost, Reconnecting
from hubbub.client.naming import checked_name

EPILOG = """\
\b
Examples:
  hubbub chat                          the server on this machine
  hubbub chat 192.168.1.20 --name ada
  echo "tea is ready" | hubbub chat localhost --name kitchen
  hubbub chat irc.example.org:6697 --room '#tea'
  hubbub chat classic://ship:5050?header=64

\b
Lines that begin with / are commands; /help lists them. /quit leaves; with --plain so do Ctrl-D
and Ctrl-C.
What a classic server is told with / is its own to understand.
"""


@click.command(cls=JoiningCommand, epilog=EPILOG)
@click.argument("server", callback=read_address, default="localhost", metavar="[HOST[:PORT]]")
@click.option("--plain", is_flag=True, help="Line by line, without a screen.")
@click.option(
    "--theme",
    type=click.Choice(["dark", "light", "contrast", "16", "none"]),
    default="dark",
    help="The colours of the screen.",
)
@click.option("--no-log", is_flag=True, help="Keep nothing of what is said on this machine.")
@joining_options
def chat(*, joining: Joining, plain: bool, theme: str, no_log: bool) -> None:
    """Join the room at HOST (default: this machine, port 1234), and where you were last time.

    On a terminal it takes the whole screen; F1 there tells of keys and commands. With --plain, type
    a line and press Enter. When the line to the server is cut, chat comes back by itself; what you
    type meanwhile is kept and sent then.

    In a pipe: each line of standard input is a message, what others say is printed, and chat
    leaves when the input ends and the server has taken all of it: with a hubbub server, saved.

    \b
    Exit status:
      0  you left
      1  what was typed or piped could not all be sent, the server did not close in
         time after it, or it refused a line of a pipe
      2  wrong usage, or nobody could be reached
    """
    address = joining.address
    with failing(BadName):
        full = _has_terminal() and not plain
        name = joining.name
        if name is None and full and not no_log:
            name = name_there(address) or None
        who = checked_name(_ask_name(address) if name is None else name, address.dialect)
    if full:
        from hubbub.cli import chat_screen  # noqa: PLC0415  # nobody else waits for it to load

        chat_screen.converse(joining, who, theme=theme, keeps=not no_log)
        return
    try:
        unsent = asyncio.run(_chat(joining, who))
    except KeyboardInterrupt:
        return
    except ConnectionLost as lost:
        raise Unfinished(lost.reason) from lost
    if unsent:
        lines = "1 line was" if len(unsent) == 1 else f"{len(unsent)} lines were"
        raise Unfinished(f"{lines} not sent. The first: {unsent[0]}")


def _ask_name(address: Address) -> str:
    # classic.md §4.1: whoever connects and then asks makes a whole room wait.
    if not sys.stdin.isatty():
        return login_name()

    while True:
        answer = str(click.prompt("Your name", default=login_name(), err=True))
        try:
            return checked_name(answer, address.dialect)
        except BadName as error:
            what, _, _ = str(error).partition(":")  # the rest is for a command line
            click.echo(f"{what.capitalize()}; please type another.", err=True)


async def _chat(joining: Joining, name: str) -> tuple[str, ...]:
    """Chat until the person leaves; gives what was not sent. Raises ConnectionLost."""
    colour = wants_colour(os.environ, terminal=sys.stdout.isatty())
    rendering = Rendering(colour=colour, room=joining.room)
    at_terminal = _has_terminal()
    link = Reconnecting.to(
        joining.address,
        name=name,
        attempts=None if at_terminal else chat_plain.ATTEMPTS,
        **joining.options(recent=EARLIER),
    )
    with failing(CannotConnect):
        await link.open()
    commands = Commands(link, joining.room, moved=rendering.move)
    if not at_terminal:
        return await chat_plain.converse(link, rendering, commands)
    from hubbub.cli import chat_terminal  # noqa: PLC0415  # a pipe need not wait for it to load

    return await chat_terminal.converse(link, rendering, name, commands)


def _has_terminal() -> bool:
    """Whether lines can be edited: both ends a terminal, and one that can move its cursor."""
    able = os.environ.get("TERM", "") not in {"", "dumb", "unknown"}
    return able and sys.stdin.isatty() and sys.stdout.isatty()
