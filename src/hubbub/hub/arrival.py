"""Arrival and departure: getting a name, and giving it back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubbub.core import names
from hubbub.core.events import EntryKind, Quit
from hubbub.core.people import Person
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Session
from hubbub.hub.entries import entry
from hubbub.hub.people import require_free
from hubbub.hub.rooms import close_if_empty

if TYPE_CHECKING:
    from hubbub.core.ports import Reader
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Address
    from hubbub.hub.hub import Hub

log = logging.getLogger(__name__)


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

    A name of nothing gives `guest-N`. Raises `Refused`, fatal: STOPPING, NAMES_EXHAUSTED.
    """
    wanted = names.nick_from(typed, hub.limits.name)
    nick = hub.world.free_nick(wanted, hub.limits.name) if wanted else _guest_name(hub)
    if nick is None:
        raise Refused(Reason.NAMES_EXHAUSTED, wanted, fatal=True)
    return arrive_as(hub, newcomer, nick)


def arrive_as(hub: Hub, newcomer: Newcomer, nick: str) -> Session:
    """Let somebody in under exactly that name.

    Raises `Refused`: BAD_NAME, NICK_IN_USE; fatal: STOPPING.
    """
    if hub.stopping:
        raise Refused(Reason.STOPPING, fatal=True)
    require_free(hub, nick)
    session = Session(
        Person(hub.ids.number(), nick),
        nick,
        newcomer.real_name,
        newcomer.protocol,
        newcomer.address,
        hub.clock.now(),
        newcomer.reader,
        newcomer.username,
        newcomer.secure,
        newcomer.host,
    )
    hub.world.add_session(session)
    _log("arrived", session, protocol=newcomer.protocol)
    return session


def quit(hub: Hub, session: Session, reason: str) -> None:  # noqa: A001 (the verb's name)
    """Let a session go: the rooms it was in hear why, its name is free again.

    Who has left already (the server stopped, and then the connection went) leaves once.
    """
    if session not in hub.world:
        return
    rooms = sorted(session.rooms, key=lambda room: room.id)
    for room in rooms:
        room.leave(session)
    depart(hub, session, rooms, reason)


def depart(hub: Hub, session: Session, rooms: list[Room], reason: str) -> None:
    """Record that a session ended which has left these rooms already, and forget it."""
    if rooms:
        hub.timeline.record_everywhere(
            [(room, entry(Quit, hub, room, session, EntryKind.QUIT, reason)) for room in rooms]
        )
    for room in rooms:
        close_if_empty(hub, room)
    hub.memory.remember(session, session.nick, hub.clock.now())
    hub.world.remove_session(session)
    _close_conversations(hub, session)
    _log("left", session, reason=reason)


def _log(what: str, session: Session, **facts: str) -> None:
    address = session.address
    fields = {"address": address.host, "port": address.port, "name": session.nick}
    log.info(what, extra={"fields": fields | facts})


def _close_conversations(hub: Hub, session: Session) -> None:
    """Forget conversations that nobody here is part of any more; the store keeps them."""
    for room in session.conversations:
        if not any(room in other.conversations for other in hub.world.sessions):
            hub.world.close_room(room)


def _guest_name(hub: Hub) -> str:
    """The next name that nobody has; numbers are not given again while the server runs."""
    while True:
        hub.guests += 1
        nick = f"guest-{hub.guests}"
        if hub.world.session(nick) is None:
            return nick
