"""Arrival and departure: getting a name, and giving it back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from hubbub.core import names
from hubbub.core.events import EntryKind, Quit
from hubbub.core.people import Person
from hubbub.core.refusals import Reason, Refused
from hubbub.core.sessions import Session

if TYPE_CHECKING:
    from hubbub.core.ports import Reader
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Address
    from hubbub.hub.hub import Hub

log = logging.getLogger(__name__)

REAL_NAME = 256
"""Characters of what was typed for a name that are kept; a frame can hold a million."""


def arrive(hub: Hub, *, typed: str, protocol: str, address: Address, reader: Reader) -> Session:
    """Let somebody in under the name they typed, or the nearest that is free.

    A name of nothing gives `guest-N`. Raises `Refused`, fatal: STOPPING, NAMES_EXHAUSTED.
    """
    if hub.stopping:
        raise Refused(Reason.STOPPING, fatal=True)
    wanted = names.nick_from(typed, hub.limits.name)
    nick = hub.world.free_nick(wanted, hub.limits.name) if wanted else _guest_name(hub)
    if nick is None:
        raise Refused(Reason.NAMES_EXHAUSTED, wanted, fatal=True)
    person = Person(hub.ids.number(), nick)
    real_name = typed[:REAL_NAME]
    session = Session(person, nick, real_name, protocol, address, hub.clock.now(), reader)
    hub.world.add_session(session)
    log.info(
        "arrived",
        extra={
            "fields": {
                "address": address.host,
                "port": address.port,
                "name": nick,
                "protocol": protocol,
            }
        },
    )
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
    for room in rooms:
        hub.timeline.record(
            Quit(
                room.id,
                EntryKind.QUIT,
                hub.ids.msgid(hub.clock.now()),
                session.person.id,
                session.nick,
                reason,
                room=room,
                session=session,
            )
        )
    hub.world.remove_session(session)
    _close_conversations(hub, session)
    address = session.address
    log.info(
        "left",
        extra={
            "fields": {
                "address": address.host,
                "port": address.port,
                "name": session.nick,
                "reason": reason,
            }
        },
    )


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
