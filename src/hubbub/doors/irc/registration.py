"""Registration: what a client says of itself before it is somebody.

Owns the state between the first byte and the welcome. The commands that fill it in are in
`commands/arrival`, the welcome is in `greeting`.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc import greeting
from hubbub.hub import arrival

if TYPE_CHECKING:
    from hubbub.doors.irc.door import IrcDoor

_USERNAME = re.compile(r"[A-Za-z0-9._~\[\]\\`^{}|-]+")


@dataclass(slots=True)
class Registration:
    """What is known so far. `negotiating` is from CAP LS or REQ until CAP END."""

    nick: str = ""
    username: str = ""
    real_name: str = ""
    password: str = ""
    negotiating: bool = False

    @property
    def complete(self) -> bool:
        """Whether all is said that has to be."""
        return bool(self.nick and self.username) and not self.negotiating


def username_from(typed: str, limit: int) -> str | None:
    """The user name that masks show, None when none can be made of it."""
    found = typed[:limit]
    return found if _USERNAME.fullmatch(found) else None


def host_of(address: str) -> str:
    """An address as a parameter: one that begins with a colon would be the last."""
    return f"0{address}" if address.startswith(":") else address.partition("%")[0]


def try_to_arrive(door: IrcDoor) -> None:
    """Let a client in when all is said. Raises `Refused`: NICK_IN_USE and others."""
    who = door.registration
    if not who.complete:
        return
    if door.link.surplus:
        raise Refused(Reason.FULL, fatal=True)
    wanted = door.doors.settings.password
    if wanted and not hmac.compare_digest(who.password.encode(), wanted.encode()):
        raise Refused(Reason.WRONG_PASSWORD, fatal=True)
    newcomer = arrival.Newcomer(
        protocol="irc",
        address=door.link.address,
        reader=door,
        real_name=who.real_name,
        username=who.username,
        host=host_of(door.link.address.host),
        secure=door.link.secure,
    )
    try:
        session = arrival.arrive_as(door.hub, newcomer, who.nick)
    except Refused:
        who.nick = ""
        raise
    door.arrived(session)
    greeting.welcome(door)
