"""Importing: a chunk of the past as one transaction.

Entries whose msgid is known are left alone, so an interrupted import is finished by running it
again. Where new ones stand is decided in `past`. People and rooms get their rows only when a new
entry names them; an imported person is whoever was imported under the same nick before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.core.events import AMENDING
from hubbub.core.people import PersonKind
from hubbub.core.ports import Imported, StoreError
from hubbub.store.amending import amend
from hubbub.store.batch import entry_row, insert_entries, room_row, save_people
from hubbub.store.past import Places
from hubbub.store.statements import (
    FIND_IMPORTED_PERSON,
    FIND_ROOM,
    HIGHEST_SEQ,
    KNOWN_MSGID,
    SAVE_ROOM,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from hubbub.core.events import Entry
    from hubbub.core.people import Person
    from hubbub.core.rooms import Room


class Import:
    """A task of the writer. `done` gets what was imported, or why nothing was."""

    def __init__(
        self,
        entries: Sequence[Entry],
        people: Sequence[Person],
        rooms: Sequence[Room],
        done: Callable[[Imported | StoreError], None],
    ) -> None:
        self._entries = entries
        self._people = {person.id: person for person in people}
        self._rooms = {room.id: room for room in rooms}
        # As they are now, on the caller's thread: a room may be in use before it has a row.
        self._room_rows = {room.id: room_row(room, room.last_seq, room.last_time) for room in rooms}
        self._done = done
        self._new = 0
        self._saved: list[Person | Room] = []

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write what is new; the transaction is the caller's."""
        self._saved.clear()
        new = _unknown(connection, self._entries)
        self._new = len(new)
        if not new:
            return
        self._save_rooms(connection, new)
        same = self._save_people(connection, new)

        def highest(room_id: int, low: int, high: int) -> int | None:
            found = connection.execute(HIGHEST_SEQ, (room_id, low, high)).fetchone()
            return found[0] if found else None

        places = Places(highest)
        rows = []
        for entry in new:
            row = list(entry_row(entry))
            row[1] = places.take(entry.room_id, entry.time)
            row[5] = same.get(entry.person_id, entry.person_id)
            rows.append(row)
        insert_entries(connection, rows)
        amend(connection, [entry for entry in new if entry.kind in AMENDING])

    def _save_rooms(self, connection: sqlite3.Connection, new: list[Entry]) -> None:
        """Rows for new rooms. Their seq and time count what is live, not what is imported."""
        for room_id in dict.fromkeys(entry.room_id for entry in new):
            room = self._rooms.get(room_id)
            if room is None or room.kept:
                continue
            found = connection.execute(FIND_ROOM, (room.folded,)).fetchone()
            if found is None:
                connection.execute(SAVE_ROOM, self._room_rows[room_id])
                self._saved.append(room)
            elif found[0] != room_id:
                raise StoreError(f"the room {room.name} is known under another id")

    def _save_people(self, connection: sqlite3.Connection, new: list[Entry]) -> dict[int, int]:
        """Rows for new people; the ids of those known by their nick, by the ids they come with."""
        same: dict[int, int] = {}
        for person_id in dict.fromkeys(entry.person_id for entry in new):
            person = self._people.get(person_id)
            if person is None or person.kept:
                continue
            found = None
            if person.kind is PersonKind.IMPORTED:
                found = connection.execute(FIND_IMPORTED_PERSON, (person.nick,)).fetchone()
            if found is None:
                save_people(connection, [person])
                self._saved.append(person)
            else:
                same[person_id] = found[0]
        return same

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        if failure is None:
            for row in self._saved:
                row.kept = True
        self._done(failure or Imported(new=self._new, known=len(self._entries) - self._new))


def _unknown(connection: sqlite3.Connection, entries: Sequence[Entry]) -> list[Entry]:
    """The entries whose msgid is new, each msgid once, in order."""
    first = {entry.msgid: entry for entry in reversed(entries)}
    return [
        entry
        for entry in entries
        if first[entry.msgid] is entry
        and connection.execute(KNOWN_MSGID, (entry.msgid,)).fetchone() is None
    ]
