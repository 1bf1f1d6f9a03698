"""Registration: what a client says of itself before it is somebody.

Owns the state between the first byte and the welcome. The commands that fill it in are in
`commands/arrival`, the welcome is in `greeting`.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unicodedata import normalize

from hubbub.core.refusals import Reason, Refused
from hubbub.doors.irc import following, greeting, resumption
from hubbub.hub import arrival, people
from hubbub.hub.resumption import resume

if TYPE_CHECKING:
    from hubbub.core.people import Person
    from hubbub.doors.irc.door import IrcDoor

UNSPECIFIED = "*"
"""Why somebody is away who is not there, for no reason that a person has given ("pre-away")."""

_FOREIGN = re.compile(r"[^A-Za-z0-9._~\[\]\\`^{}|-]+")
"""What a user name cannot hold: a mask has to be told apart at `!` and `@`."""


@dataclass(slots=True)
class Registration:
    """What is known so far. `negotiating` is from CAP LS or REQ until CAP END.

    `metadata` and `keys` are what is said of oneself, and what one wants to hear of, before one is
    there. `person` is who this is by their token, `attempts` count those to resume that failed;
    `has_token` is true once a token was given, or was good. `away` is None until something is said
    of it, "" is not to be away.
    """

    nick: str = ""
    username: str = ""
    real_name: str = ""
    password: str = field(default="", repr=False)
    negotiating: bool = False
    person: Person | None = None
    attempts: int = 0
    has_token: bool = False
    away: str | None = None
    metadata: dict[str, str | None] = field(default_factory=dict, repr=False)
    keys: dict[str, None] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all is said that has to be."""
        is_called = self.nick or self.person is not None
        return bool(is_called and self.username) and not self.negotiating


def username_from(typed: str, limit: int) -> str:
    """The user name that masks show: what of it can stand in one.

    Clients take it from the system without asking anybody, so nobody is turned away for it.
    """
    return _FOREIGN.sub("", normalize("NFKD", typed))[:limit] or "user"


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
        _arrive(door, newcomer)
    except Refused:
        who.nick = ""
        raise


def _arrive(door: IrcDoor, newcomer: arrival.Newcomer) -> None:
    who = door.registration
    if who.person is None:
        door.arrived(arrival.arrive_as(door.hub, newcomer, who.nick))
        _set_presence(door)
        greeting.welcome(door)
        resumption.give_token(door)
        return
    session, was_here = resume(door.hub, newcomer, who.person, who.nick)
    door.arrived(session)
    _set_presence(door)
    resumption.succeed(door)
    greeting.welcome(door)
    if was_here:
        resumption.show_all(door, newcomer.host)


def _set_presence(door: IrcDoor) -> None:
    """Let somebody be as they said before they were there: away, or back, and who they are."""
    away, session = door.registration.away, door.session
    # "pre-away": `*` "should not supersede a human-readable AWAY message".
    if away is not None and not (away == UNSPECIFIED and session.away):
        people.set_away(door.hub, session, away or None)
    following.begin(door)
