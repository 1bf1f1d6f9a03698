"""Places: where in a room a message or a moment stands, and where a person has talked in private.

Knows the schema, neither threads nor the loop. What stands there is read by `reading`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import literal_column, select, union

from hubbub.core.history import AFTER_ALL, BEFORE_ALL, Conversation, Place
from hubbub.core.rooms import RoomKind
from hubbub.core.world import other_person
from hubbub.store.schema import OTHER_PERSON, entries, people, rooms

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hubbub.core.history import Reference

LOOK_BACK: Final = 100
"""Entries among which the name is sought that the other of two went by last."""


# As the driver takes them: most questions for a page begin with one, and going through the
# expression layer takes several times what looking does.
_SEQ: Final = "SELECT seq FROM entries WHERE msgid = ? AND room_id = ?"
_EARLIER: Final = """
    SELECT seq FROM entries WHERE room_id = ? AND time < ? ORDER BY time DESC, seq DESC LIMIT 1
"""
_LATER: Final = """
    SELECT seq FROM entries WHERE room_id = ? AND time > ? ORDER BY time, seq LIMIT 1
"""


def place(connection: Connection, room_id: int, reference: Reference) -> Place | None:
    """See `Archive.place`."""
    if isinstance(reference, int):
        return _moment(connection, room_id, reference)
    seq = connection.exec_driver_sql(_SEQ, (reference, room_id)).scalar()
    return None if seq is None else Place(seq, seq)


def _moment(connection: Connection, room_id: int, time: int) -> Place:
    earlier = connection.exec_driver_sql(_EARLIER, (room_id, time)).scalar()
    later = connection.exec_driver_sql(_LATER, (room_id, time)).scalar()
    return Place(
        BEFORE_ALL if earlier is None else earlier + 1, AFTER_ALL if later is None else later - 1
    )


def conversations(connection: Connection, person_id: int, limit: int) -> list[Conversation]:
    """See `Archive.conversations`."""
    me = f"{person_id:016x}"
    fields = select(rooms.c.id, rooms.c.folded, rooms.c.last_time).where(
        rooms.c.kind == literal_column(f"'{RoomKind.DIRECT}'")  # as the index says it
    )
    mine = union(
        fields.where(rooms.c.folded >= f"@{me}:", rooms.c.folded < f"@{me};"),
        fields.where(literal_column(OTHER_PERSON) == me),
    ).subquery()
    found = []
    for row in connection.execute(select(mine).order_by(mine.c.last_time.desc()).limit(limit)):
        other = other_person(row.folded, person_id)
        nick = _last_nick(connection, row.id, other)
        found.append(Conversation(row.id, other, nick, row.last_time))
    return found


def _last_nick(connection: Connection, room_id: int, person_id: int) -> str:
    """The name that somebody was last seen under in a room, or else anywhere."""
    last = (
        select(entries.c.person_id, entries.c.nick_as_shown, entries.c.seq)
        .where(entries.c.room_id == room_id)
        .order_by(entries.c.seq.desc())
        .limit(LOOK_BACK)
        .subquery()
    )
    said = select(last.c.nick_as_shown).where(last.c.person_id == person_id)
    nick = connection.scalar(said.order_by(last.c.seq.desc()).limit(1))
    if nick is None:
        nick = connection.scalar(select(people.c.nick).where(people.c.id == person_id))
    return nick or ""
