"""A batch: sealed events as rows, and what becomes of them.

Made on the caller's thread, applied on the writer's, settled on the caller's again; while the
writer has it nobody else touches it. Knows the statements but neither threads nor transactions.
Next: `writer`, which gives it a transaction.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from hubbub.core.events import Edited, Redacted, Said
from hubbub.core.ports import Commit
from hubbub.core.rooms import RoomKind
from hubbub.store import metadata as said_of
from hubbub.store import sends
from hubbub.store.amending import amend
from hubbub.store.roomstate import snapshot
from hubbub.store.statements import (
    BLOCK,
    ENTRY_COLUMNS,
    FIND_SEND,
    FORGET_SENDS,
    INSERT_BLOCK,
    INSERT_ENTRY,
    SAVE_PERSON,
    SAVE_ROOM,
    SAVE_SEND,
    TOUCH_ROOM,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from hubbub.core.events import Entry, RoomEvent
    from hubbub.core.metadata import Change
    from hubbub.core.people import Person
    from hubbub.core.ports import Outcome, StoreError
    from hubbub.core.rooms import Room

_AMENDING: Final[frozenset[type]] = frozenset((Edited, Redacted))
_MSGID, _TEXT, _EXTRA = (ENTRY_COLUMNS.index(name) for name in ("msgid", "text", "extra"))


class Batch:
    """Events of one transaction. `exceptions` maps msgid to outcome once applied."""

    def __init__(
        self,
        events: Sequence[RoomEvent],
        done: Callable[[Commit], None],
        rooms: Sequence[Room] = (),
        metadata: Sequence[Change] = (),
    ) -> None:
        self._done = done
        self._rows = [entry_row(event) for event in events]
        self._amending = [e for e in events if type(e) in _AMENDING]
        self._once = [e for e in events if type(e) is Said and e.send_id is not None]
        self._people = {
            person.id: (person, person.nick)
            for person in (event.session.person for event in events)
            if not person.kept
        }
        # Of each room its last event: a room's events stand in the order of seq.
        last = {event.room_id: event for event in events}
        self._hearers = {
            event.room_id: event.audience[0].person
            for event in last.values()
            if event.audience and event.room.kind is RoomKind.DIRECT
        }
        for person in self._hearers.values():
            if not person.kept:  # by that name alone is the conversation found when they have left
                self._people[person.id] = (person, person.nick)
        self._rooms = {event.room_id: event.room for event in last.values() if not event.room.kept}
        self._new_rooms = [
            room_row(event.room, event.seq, event.time)
            for event in last.values()
            if not event.room.kept
        ]
        self._touched = [
            (event.seq, event.time, event.room_id) for event in last.values() if event.room.kept
        ]
        self._states = {e.room_id: snapshot(e.room) for e in last.values() if e.room.unsaved}
        self._asked: set[int] = set()
        self._metadata = [said_of.row(change) for change in metadata]
        for room in (*rooms, *said_of.rooms_of(metadata)):
            self._add_room(room)
        self._exceptions: dict[str, Outcome] = {}

    def _add_room(self, room: Room) -> None:
        """Save a room's state, and the room when it is new, whatever happens in it."""
        self._asked.add(room.id)
        if not room.kept and room.id not in self._rooms:
            self._rooms[room.id] = room
            self._new_rooms.append(room_row(room, room.last_seq, room.last_time))
        if room.unsaved:
            self._states[room.id] = snapshot(room)

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write the rows; the transaction is the caller's."""
        rows = self._rows
        if self._once:
            self._exceptions = self._settle_sends(connection)
        if self._amending:
            amended = amend(connection, self._amending)
            self._exceptions |= amended.missed
            rows = [blank(row) if row[_MSGID] in amended.blank else row for row in rows]
        if self._exceptions:
            rows = [row for row in rows if row[_MSGID] not in self._exceptions]
            rooms = {row[0] for row in rows}
            hearers = {person.id for id_, person in self._hearers.items() if id_ in rooms}
            self._leave_out(rooms=rooms, people={row[5] for row in rows} | hearers)
        save_people(connection, [person for person, _ in self._people.values()])
        if self._new_rooms:
            connection.executemany(SAVE_ROOM, self._new_rooms)
        if self._touched:
            connection.executemany(TOUCH_ROOM, self._touched)
        for state in self._states.values():
            state.save(connection)
        said_of.save(connection, self._metadata)
        insert_entries(connection, rows)

    def _leave_out(self, rooms: set[int], people: set[int]) -> None:
        """Save no new room and no person of which nothing is stored: only these are."""
        empty = self._rooms.keys() - rooms - self._asked
        self._new_rooms = [row for row in self._new_rooms if row[0] not in empty]
        for room_id in empty:
            del self._rooms[room_id]
            self._states.pop(room_id, None)
        self._people = {id_: row for id_, row in self._people.items() if id_ in people}

    def _settle_sends(self, connection: sqlite3.Connection) -> dict[str, Outcome]:
        exceptions: dict[str, Outcome] = {}
        oldest = self._once[-1].time - sends.LIFETIME
        connection.execute(FORGET_SENDS, (oldest,))
        for event in self._once:
            digest = sends.digest(event)
            first = connection.execute(FIND_SEND, (event.send_id, oldest)).fetchone()
            if first is None:
                connection.execute(SAVE_SEND, (event.send_id, event.msgid, digest, event.time))
            else:
                exceptions[event.msgid] = sends.outcome(first, digest)
        return exceptions

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller, on the caller's thread."""
        if failure is None:
            for person, nick in self._people.values():
                person.kept_as(nick)
            for room in self._rooms.values():
                room.kept = True
            for state in self._states.values():
                state.settle()
            self._done(Commit(exceptions=self._exceptions))
        else:
            self._done(Commit(failure=failure))


def insert_entries(connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of `entry_row`, by the block and then one by one."""
    blocks = len(rows) - len(rows) % BLOCK
    for start in range(0, blocks, BLOCK):
        values = list(chain.from_iterable(rows[start : start + BLOCK]))
        connection.execute(INSERT_BLOCK, values)
    connection.executemany(INSERT_ENTRY, rows[blocks:])


def entry_row(entry: Entry) -> tuple[Any, ...]:
    """An entry in the order of `statements.ENTRY_COLUMNS`."""
    return (
        entry.room_id,
        entry.seq,
        entry.msgid,
        entry.time,
        str(entry.kind),  # a plain str: the driver would ask an enum for an adapter, slowly
        entry.person_id,
        entry.nick,
        entry.account,
        entry.text,
        entry.target,
        entry.extra,
    )


def blank(row: Sequence[Any]) -> tuple[Any, ...]:
    """The row of an entry of which nothing is to be kept but that it was."""
    return tuple(
        "" if column == _TEXT else None if column == _EXTRA else value
        for column, value in enumerate(row)
    )


def room_row(room: Room, last_seq: int, last_time: int) -> tuple[Any, ...]:
    """A room in the order of `statements.ROOM_COLUMNS`."""
    return (room.id, str(room.kind), room.name, room.folded, last_seq, last_time, room.created)


def save_people(connection: sqlite3.Connection, people: Iterable[Person]) -> None:
    """Insert or update the rows of people."""
    rows = [(person.id, str(person.kind), person.nick) for person in people]
    if rows:
        connection.executemany(SAVE_PERSON, rows)
