"""Resumption: a token for each client that wants one, and the way back by it.

Owns the exchange of docs/protocols/irc.md as far as it is this door's: what is asked before
registration, and what is told when it completes. Who comes back as whom is `hub/resumption`'s.
A token is in nothing that is logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.core.refusals import Refused
from hubbub.doors.irc import inside, letters
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.render import entering
from hubbub.hub import people, resumption
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import line

if TYPE_CHECKING:
    from hubbub.core.people import Person
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.door import IrcDoor

ATTEMPTS: Final = 5
"""Tokens that are no good after which a connection is closed."""


# -- the token ---------------------------------------------------------------------------------


def give_token(door: IrcDoor) -> None:
    """Give a client its token, as soon as that is saved and once, if it wants one."""
    if Cap.RESUME not in door.caps or door.registration.has_token:
        return
    door.registration.has_token = True
    server, session = door.doors.settings.server, door.session

    def give(token: str) -> None:
        door.hub.timeline.reply(session, line("RESUME", "TOKEN", token, source=server))

    resumption.issue(door.hub, session, give)


# -- before registration -----------------------------------------------------------------------


def may_try(door: IrcDoor) -> bool:
    """Whether a token would be looked up now."""
    is_arriving = door.session_or_none is None and door.registration.person is None
    return is_arriving and Cap.RESUME in door.caps


async def look_up(door: IrcDoor, token: str) -> Person:
    """Find out whose token it is.

    Raises `Refused`: BAD_TOKEN, fatal after too many; `StoreError`.
    """
    who = door.registration
    try:
        return await resumption.find(door.hub, token)
    except Refused as no:
        who.attempts += 1
        raise Refused(no.reason, fatal=who.attempts >= ATTEMPTS) from None


def refuse_now(door: IrcDoor) -> None:
    """Say that this is not the time for it."""
    who = door.registration
    who.attempts += 1
    text = "RESUME comes once, after the capability and before registration completes"
    door.fail("RESUME", "INVALID_STATE", text)
    if who.attempts >= ATTEMPTS and door.session_or_none is None:
        door.leave("Too many attempts to resume")


def own_nick(door: IrcDoor) -> Session | None:
    """Who may have the name already that this client asks for: the one it resumes."""
    person = door.registration.person
    return None if person is None else door.hub.world.acting(person.id)


# -- when registration completes ---------------------------------------------------------------


def succeed(door: IrcDoor) -> None:
    """Tell a client, before it is welcomed, that it is who it was."""
    door.registration.has_token = True
    door.put(line("RESUME", "SUCCESS", door.nick, source=door.doors.settings.server))


def show_all(door: IrcDoor, host: str) -> None:
    """Tell a client that took over how it is and where it is; its mask has the new host then."""
    session = door.session
    modes = letters.of_user(session)
    if modes != "+":
        door.put(line("MODE", session.nick, modes, source=session.mask))
    if session.away is not None:
        door.answer(n.RPL_NOWAWAY, "You have been marked as being away")
    for room in sorted(session.rooms, key=lambda room: room.folded):
        door.put(entering(room.name, session, door.caps, source=session.mask))
        inside.show(door, room)
    if host != session.host:
        people.set_host(door.hub, session, session.username, host)
