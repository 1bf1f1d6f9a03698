"""WHOIS and WHOWAS: what is told of one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.sessions import Privilege, Trait
from hubbub.doors.irc import keyvalues, letters, names, service
from hubbub.doors.irc.kind import timestamp
from hubbub.hub.rooms import may_know
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.split import fill

if TYPE_CHECKING:
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.hub.memory import Past

ROOM = 300
"""Bytes of room names in one line."""


def tell(door: IrcDoor, who: Session) -> None:
    """All that a client may know of somebody."""
    asker, nick = door.session, who.nick
    close = who is asker or asker.may(Privilege.SEE_ALL)
    door.answer(n.RPL_WHOISUSER, nick, who.username, who.host, "*", who.real_name)
    for rooms in fill(_rooms(door, who), ROOM):
        door.answer(n.RPL_WHOISCHANNELS, nick, rooms)
    settings = door.doors.settings
    door.answer(n.RPL_WHOISSERVER, nick, settings.server, settings.description)
    if who.operator is not None:
        door.answer(n.RPL_WHOISOPERATOR, nick, "is an IRC operator")
    if Trait.BOT in who.traits:
        door.answer(n.RPL_WHOISBOT, nick, f"is a bot on {settings.network}")
    if who.account is not None:
        door.answer(n.RPL_WHOISACCOUNT, nick, who.account, "is logged in as")
    if who.secure:
        door.answer(n.RPL_WHOISSECURE, nick, "is using a secure connection")
    if close:
        host = who.address.host
        host = f"0{host}" if host.startswith(":") else host
        user = f"{who.username}@{host}"
        door.answer(n.RPL_WHOISACTUALLY, nick, user, host, "Actual user@host, Actual IP")
        door.answer(n.RPL_WHOISMODES, nick, f"is using modes {letters.of_user(who)}")
    if who.away is not None:
        door.answer(n.RPL_AWAY, nick, who.away)
    keyvalues.on_whois(door, who)
    idle = max(door.hub.clock.now() - who.spoke, 0) // 1000
    since = str(who.since // 1000)
    door.answer(n.RPL_WHOISIDLE, nick, str(idle), since, "seconds idle, signon time")


def _rooms(door: IrcDoor, who: Session) -> list[str]:
    asker = door.session
    open_book = who is asker or Trait.INVISIBLE not in who.traits
    sees_all = asker.may(Privilege.SEE_ALL)
    return [
        names.prefix(door, room, who) + room.name
        for room in sorted(who.rooms, key=lambda room: room.folded)
        if asker in room.members or sees_all or (open_book and may_know(asker, room))
    ]


def tell_house(door: IrcDoor) -> None:
    """Who answers under the nick of the service."""
    settings = door.doors.settings
    door.answer(n.RPL_WHOISUSER, service.NICK, service.NICK, settings.server, "*", service.ABOUT)
    door.answer(n.RPL_WHOISSERVER, service.NICK, settings.server, settings.description)


def tell_past(door: IrcDoor, past: Past) -> None:
    """Who had a name that was given up."""
    door.answer(n.RPL_WHOWASUSER, past.nick, past.username, past.host, "*", past.real_name)
    door.answer(n.RPL_WHOISSERVER, past.nick, door.doors.settings.server, timestamp(past.time))
