"""NAMES: who is in a room, as 353 and 366 say it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from hubbub.core.sessions import Privilege, Trait
from hubbub.core.settings import Flag
from hubbub.doors.irc import letters
from hubbub.doors.irc.capabilities import Cap
from hubbub.wire.irc.line import head, room, with_text
from hubbub.wire.irc.numerics import RPL_ENDOFNAMES, RPL_NAMREPLY
from hubbub.wire.irc.split import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hubbub.core.roles import Role
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.door import IrcDoor


def send(door: IrcDoor, where: Room) -> None:
    """The names in one room, and their end."""
    replies(door, where)
    end(door, where.name)


def replies(door: IrcDoor, where: Room) -> None:
    """The names in one room, those whom this client may see."""
    symbol = "@" if Flag.SECRET in where.settings.flags else "="
    server = door.doors.settings.server
    begin = head(RPL_NAMREPLY, door.nick, symbol, where.name, source=server)
    shown = _shown(door, where)
    door.put(b"".join([with_text(begin, words) for words in fill(shown, room(begin))]))


def end(door: IrcDoor, target: str) -> None:
    """The end of the names of a target, written as it was asked for."""
    door.answer(RPL_ENDOFNAMES, target, "End of /NAMES list")


def prefix(door: IrcDoor, where: Room, member: Session) -> str:
    """The signs before a name; only the highest for those who know no more ("multi-prefix")."""
    return _signs(where.role(member), door)


def visible(door: IrcDoor, where: Room) -> Iterable[Session]:
    """The members of a room whom this client may find."""
    session = door.session
    if session in where.members or session.may(Privilege.SEE_ALL):
        return where.members
    return [member for member in where.members if Trait.INVISIBLE not in member.traits]


def _shown(door: IrcDoor, where: Room) -> list[str]:
    # When a thousand enter a room, a million names are told: what a name costs here counts.
    signs = {person: _signs(role, door) for person, role in where.roles.items() if role}
    name = attrgetter("mask" if door.caps & Cap.USERHOST_IN_NAMES else "nick")
    return [
        signs[member.person.id] + name(member) if member.person.id in signs else name(member)
        for member in visible(door, where)
    ]


def _signs(role: Role, door: IrcDoor) -> str:
    found = letters.signs(role)
    return found if door.caps & Cap.MULTI_PREFIX else found[:1]
