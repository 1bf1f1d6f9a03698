"""Rooms: opening them and entering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core import names
from hubbub.core.events import EntryKind, Joined
from hubbub.core.rooms import Room

if TYPE_CHECKING:
    from hubbub.core.sessions import Session
    from hubbub.hub.hub import Hub


async def open_room(hub: Hub, name: str) -> Room:
    """The room of that name: open already, known to the store, or new.

    A room from the store comes with its last messages.
    """
    room = hub.world.room(name)
    if room is not None:
        return room
    await hub.timeline.settled()  # so that what the store answers is the last word
    folded = names.fold(name)
    row = await hub.archive.room(folded)
    recent = [] if row is None else await hub.archive.latest(row.id, hub.limits.replay)
    room = hub.world.room(name)
    if room is not None:  # somebody else was faster
        return room
    if row is None:
        room = Room(hub.ids.number(), name, folded)
    else:
        room = Room(row.id, row.name, folded, last_seq=row.last_seq, last_time=row.last_time)
        room.kept = True
        room.recent.extend(recent)
    hub.world.add_room(room)
    return room


def join(hub: Hub, session: Session, room: Room) -> None:
    """Enter a room; who is a member already stays one."""
    if session in room.members:
        return
    room.enter(session)
    hub.timeline.record(
        Joined(
            room.id,
            EntryKind.JOIN,
            hub.ids.msgid(hub.clock.now()),
            session.person.id,
            session.nick,
            room=room,
            session=session,
        )
    )
