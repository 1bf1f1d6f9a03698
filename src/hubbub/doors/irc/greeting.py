"""The greeting: what every client waits for, and the parts of it that can be asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub import __version__
from hubbub.doors.irc import isupport, keyvalues, letters
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.kind import timestamp
from hubbub.doors.irc.labels import batched
from hubbub.hub import operations
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.split import split_text

if TYPE_CHECKING:
    from hubbub.doors.irc.door import IrcDoor

MOTD_ROOM = 360
"""Bytes of a line of the message of the day; the server's name and the nick have the rest."""


def welcome(door: IrcDoor) -> None:
    """What every client waits for."""
    settings, nick = door.doors.settings, door.nick
    channel_modes = "".join(sorted(letters.KINDS.chanmodes.replace(",", "")))
    with_parameter = "".join(sorted("beIklov"))
    door.answer(n.RPL_WELCOME, f"Welcome to {settings.network}, {nick}")
    door.answer(n.RPL_YOURHOST, f"Your host is {settings.server}, running hubbub-{__version__}")
    door.answer(n.RPL_CREATED, f"This server runs since {timestamp(door.hub.started)}")
    door.answer(
        n.RPL_MYINFO,
        settings.server,
        f"hubbub-{__version__}",
        letters.USER_MODES,
        f"{channel_modes}ov",
        with_parameter,
    )
    send_isupport(door)
    lusers(door)
    keyvalues.show_own(door)
    motd(door)


def send_isupport(door: IrcDoor, tokens: list[str] | None = None) -> None:
    """005 with all tokens or those, in a batch for who knows it ("extended-isupport")."""
    server = door.doors.settings.server
    lines = isupport.lines(tokens or door.doors.isupport, door.nick, server)
    both = Cap.BATCH | Cap.EXTENDED_ISUPPORT
    if door.caps & both == both:
        door.put(batched(lines, "draft/isupport", server))
    else:
        door.put(b"".join(lines))


def motd(door: IrcDoor) -> None:
    """The message of the day."""
    settings = door.doors.settings
    if not settings.motd:
        door.answer(n.ERR_NOMOTD, "MOTD File is missing")
        return
    door.answer(n.RPL_MOTDSTART, f"- {settings.server} Message of the day -")
    for text in settings.motd.splitlines():
        for part in split_text(text, room=MOTD_ROOM):
            door.answer(n.RPL_MOTD, f"- {part}")
    door.answer(n.RPL_ENDOFMOTD, "End of /MOTD command")


def lusers(door: IrcDoor) -> None:
    """How many are here."""
    stats = operations.statistics(door.hub)
    seen = stats.people - stats.invisible
    door.answer(
        n.RPL_LUSERCLIENT,
        f"There are {seen} users and {stats.invisible} invisible on 1 servers",
    )
    if stats.operators:
        door.answer(n.RPL_LUSEROP, str(stats.operators), "IRC Operators online")
    if door.doors.unregistered:
        door.answer(n.RPL_LUSERUNKNOWN, str(door.doors.unregistered), "unknown connections")
    if stats.rooms:
        door.answer(n.RPL_LUSERCHANNELS, str(stats.rooms), "channels formed")
    here, most = str(stats.people), str(stats.most)
    door.answer(n.RPL_LUSERME, f"I have {here} clients and 0 servers")
    door.answer(n.RPL_LOCALUSERS, here, most, f"Current local users {here}, max {most}")
    door.answer(n.RPL_GLOBALUSERS, here, most, f"Current global users {here}, max {most}")
