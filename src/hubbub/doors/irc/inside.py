"""Inside: what whoever is in a room is shown of it when they enter, or are in it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.names import fold
from hubbub.doors.irc import keyvalues, names
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.kind import timestamp
from hubbub.doors.irc.render import entering
from hubbub.wire.irc import numerics as n
from hubbub.wire.irc.line import line

if TYPE_CHECKING:
    from hubbub.core.events import RoomRenamed
    from hubbub.core.rooms import Room
    from hubbub.doors.irc.door import IrcDoor


def show(door: IrcDoor, room: Room) -> None:
    """What follows a client's own JOIN: the topic, if there is one, what was read, the
    names, what they say of themselves."""
    if room.settings.topic is not None:
        topic(door, room)
    if door.caps & Cap.READ_MARKER:
        # "read-marker": "MUST be sent before the RPL_ENDOFNAMES reply".
        mark(door, room.name, door.session.person.marks.get(room.id))
    if not door.caps & Cap.NO_IMPLICIT_NAMES:
        names.send(door, room)
    keyvalues.show_room(door, room)


def move(door: IrcDoor, event: RoomRenamed) -> None:
    """What a client is shown that does not know RENAME: it left one room and entered another."""
    # "channel-rename": the fallback "SHOULD NOT be used if the rename only changes the case".
    if door.caps & Cap.CHANNEL_RENAME or fold(event.where) == fold(event.text):
        return
    session, reason = door.session, (event.reason,) if event.reason else ()
    door.put(line("PART", event.where, *reason, source=session.mask, trailing=True))
    door.put(entering(event.room.name, session, door.caps, source=session.mask))
    show(door, event.room)


def topic(door: IrcDoor, room: Room) -> None:
    """What a room is about, and who said so."""
    about = room.settings.topic
    assert about is not None
    door.answer(n.RPL_TOPIC, room.name, about.text)
    door.answer(n.RPL_TOPICWHOTIME, room.name, about.by, str(about.time // 1000))


def mark(door: IrcDoor, target: str, time: int | None) -> None:
    """Up to when the one at the other end has read something; None is not known."""
    until = "*" if time is None else f"timestamp={timestamp(time)}"
    door.put(line("MARKREAD", target, until, source=door.doors.settings.server))
