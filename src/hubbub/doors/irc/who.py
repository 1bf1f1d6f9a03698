"""WHO and WHOX: what one line says of somebody, by fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubbub.core.sessions import Privilege, Trait
from hubbub.doors.irc import letters, names
from hubbub.wire.irc.numerics import RPL_WHOREPLY, RPL_WHOSPCRPL

if TYPE_CHECKING:
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.door import IrcDoor

_REQUEST = re.compile(r"[^%]*%([a-zA-Z]*)(?:,([0-9a-zA-Z]{1,3}))?")
_ORDER = "tcuihsnfdlaor"
"""The fields in the order in which "whox" sends them, whatever the order they are asked in."""

DETAILS = (
    "A channel, a nick, or a mask of nicks, user names and hosts; o after it: operators only",
    f"WHO #tea %{_ORDER},42 asks for these fields (WHOX): the token 42, channel, user, address,",
    "host, server, nick, flags, hops, idle seconds, account, rank, real name",
)


@dataclass(slots=True, frozen=True)
class Fields:
    """What WHOX asks for; `token` is given back."""

    letters: str
    token: str = "0"  # noqa: S105 (given back, no secret)


def fields_of(request: str) -> Fields | None:
    """The fields that a second parameter of WHO asks for; None is a plain WHO."""
    asked = _REQUEST.fullmatch(request)
    if asked is None:
        return None
    wanted, token = asked.groups()
    return Fields("".join(field for field in _ORDER if field in wanted), token or "0")


def reply(door: IrcDoor, who: Session, room: Room | None, fields: Fields | None) -> None:
    """Say who somebody is, seen in a room or (None) in one that both are in, or in none."""
    shown = room or _shared(door, who)
    server = door.doors.settings.server
    if fields is not None:
        values = _values(door, who, shown, fields.token)
        door.answer(RPL_WHOSPCRPL, *(values[field] for field in fields.letters))
        return
    door.answer(
        RPL_WHOREPLY,
        "*" if shown is None else shown.name,
        who.username,
        who.host,
        server,
        who.nick,
        _flags(door, who, shown),
        f"0 {who.real_name}",
    )


def _values(door: IrcDoor, who: Session, room: Room | None, token: str) -> dict[str, str]:
    idle = (door.hub.clock.now() - who.spoke) // 1000
    return {
        "t": token,
        "c": "*" if room is None else room.name,
        "u": who.username,
        "i": _address(door, who),
        "h": who.host,
        "s": door.doors.settings.server,
        "n": who.nick,
        "f": _flags(door, who, room),
        "d": "0",
        "l": str(max(idle, 0)),
        "a": who.account or "0",
        "o": "n/a",
        "r": who.real_name,
    }


def _flags(door: IrcDoor, who: Session, room: Room | None) -> str:
    found = "H" if who.away is None else "G"
    if who.operator is not None:
        found += "*"
    if Trait.BOT in who.traits:
        found += letters.BOT
    return found if room is None else found + names.prefix(door, room, who)


def _shared(door: IrcDoor, who: Session) -> Room | None:
    mine = who.rooms & door.session.rooms
    return min(mine, key=lambda room: room.name) if mine else None


def _address(door: IrcDoor, who: Session) -> str:
    """The real address, for those who may see it."""
    if who is door.session or door.session.may(Privilege.SEE_ALL):
        host = who.address.host
        return f"0{host}" if host.startswith(":") else host
    return "255.255.255.255"
