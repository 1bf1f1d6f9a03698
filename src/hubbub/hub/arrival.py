"""Arrival and departure: getting a name, and giving it back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hubbub.core import names
from hubbub.core.bans import Peer
from hubbub.core.events import EntryKind, Quit
from hubbub.core.people import Person
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Session
from hubbub.hub.entries import entry
from hubbub.hub.nobody import NOBODY
from hubbub.hub.people import require_free, tell_gone, tell_here
from hubbub.hub.rooms import close_if_empty, take_out

if TYPE_CHECKING:
    from hubbub.core.ports import Reader
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Address
    from hubbub.hub.hub import Hub

log = logging.getLogger(__name__)

REAL_NAME = 256
"""Characters of what was typed for a name that are kept; a frame can hold a million."""


@dataclass(slots=True, frozen=True)
class Newcomer:
    """Somebody at a door: how they reach us and what they say of themselves."""

    protocol: str
    address: Address
    reader: Reader
    real_name: str
    username: str = "guest"
    host: str = ""
    secure: bool = False


def arrive(hub: Hub, newcomer: Newcomer, typed: str) -> Session:
    """Let somebody in under the name they typed, or the nearest that is free.

    A name of nothing gives `guest-N`; what is typed may have more in it than a name that is
    asked for exactly. Raises `Refused`, fatal: STOPPING, BANNED_HERE, NAMES_EXHAUSTED.
    """
    wanted = names.nick_from(typed, hub.limits.name)
    nick = hub.world.free_nick(wanted, hub.limits.name) if wanted else _guest_name(hub)
    if nick is None:
        raise Refused(Reason.NAMES_EXHAUSTED, wanted, fatal=True)
    require_welcome(hub, newcomer, nick)
    return _let_in(hub, newcomer, nick)


def arrive_as(hub: Hub, newcomer: Newcomer, nick: str, person: Person | None = None) -> Session:
    """Let somebody in under exactly that name, as a person that is known, or as a new one (None).

    Raises `Refused`: BAD_NAME, NICK_IN_USE; fatal: STOPPING, BANNED_HERE.
    """
    require_welcome(hub, newcomer, nick)
    require_free(hub, nick)
    return _let_in(hub, newcomer, nick, person)


def require_welcome(hub: Hub, newcomer: Newcomer, nick: str) -> None:
    """Raise `Refused`, fatal, STOPPING or BANNED_HERE when nobody like that may come in."""
    if hub.stopping:
        raise Refused(Reason.STOPPING, fatal=True)
    address = newcomer.address.host
    peer = Peer(nick, newcomer.username, newcomer.host or address, address)
    ban = hub.bans.find(peer, hub.clock.now())
    if ban is not None:
        raise Refused(Reason.BANNED_HERE, ban.reason or "no reason was given", fatal=True)


def _let_in(hub: Hub, newcomer: Newcomer, nick: str, known: Person | None = None) -> Session:
    person = known or Person(hub.ids.number(), nick)
    if person.nick != nick:
        person.rename(nick)
    session = Session(
        person,
        nick,
        newcomer.real_name[:REAL_NAME],
        newcomer.protocol,
        newcomer.address,
        hub.clock.now(),
        newcomer.reader,
        newcomer.username,
        newcomer.secure,
        newcomer.host,
    )
    hub.world.add_session(session)
    hub.most = max(hub.most, len(hub.world))
    tell_here(hub, session)
    note("arrived", session, protocol=newcomer.protocol)
    return session


def quit(hub: Hub, session: Session, reason: str) -> None:  # noqa: A001 (the verb's name)
    """Let a session go: the rooms it was in hear why, its name is free again.

    Who has left already (the server stopped, and then the connection went) leaves once.
    """
    if session.ended:
        return
    rooms = sorted(session.rooms, key=lambda room: room.id)
    for room in rooms:
        take_out(hub, session, room)
    depart(hub, session, rooms, reason)


def depart(hub: Hub, session: Session, rooms: list[Room], reason: str) -> None:
    """Record that a session ended which has left these rooms already, and forget it."""
    if rooms:
        hub.timeline.record_everywhere(
            [(room, entry(Quit, hub, room, session, EntryKind.QUIT, reason)) for room in rooms]
        )
    for room in rooms:
        close_if_empty(hub, room)
    hub.memory.remember(session, hub.clock.now())
    hub.world.remove_session(session)
    session.ended = True
    hub.watching.forget(session)
    hub.subscribers.forget(session)
    tell_gone(hub, session.nick)
    _close_conversations(hub, session)
    hub.timeline.then(partial(setattr, session, "reader", NOBODY))
    note("left", session, reason=reason)


def note(what: str, session: Session, **facts: str) -> None:
    """Log what a session does that comes or goes."""
    address = session.address
    fields = {"address": address.host, "port": address.port, "name": session.nick}
    log.info(what, extra={"fields": fields | facts})


def _close_conversations(hub: Hub, session: Session) -> None:
    """Forget the conversations of one who leaves: who stays has nobody to go on with.

    The store keeps them, and `talk` asks it when the same two persons meet again.
    """
    conversations, session.conversations = session.conversations, {}
    for room, partner in conversations.items():
        partner.conversations.pop(room, None)
        hub.world.close_room(room)


def _guest_name(hub: Hub) -> str:
    """The next name that nobody has; numbers are not given again while the server runs."""
    while True:
        hub.guests += 1
        nick = f"guest-{hub.guests}"
        if hub.world.session(nick) is None:
            return nick
