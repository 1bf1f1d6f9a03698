"""Retention on disk: which entries are due, and the task that deletes them; what expires.

Finding runs on a reader and may take its time; a task runs on the writer between two commits, so it
is short. Nothing that the search index has not reached is deleted, nor what it reached last: it
knows the database by that entry, and SQLite gives the number of the last row to another when that
is gone. Next: `forgetting`, the rooms and people of whom nothing is left; `pruning`, which takes
the steps.
"""

from __future__ import annotations

import time
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.core.events import EntryKind
from hubbub.core.retention import Step
from hubbub.store.index import key
from hubbub.store.reading import TALK_KINDS
from hubbub.store.schema import IS_ARRIVAL

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from hubbub.core.ports import StoreError

    Done = Callable[["Step | StoreError"], None]

PAGE: Final = 500
"""Rows that are looked for at once."""

WEIGHT: Final = 300
"""Bytes that an entry takes beside its text, with its places in the indexes; about."""

LEAST: Final = 20
"""Rows that go at once at least: not every one leaves a page empty."""

SPELL: Final = 0.005
"""Seconds after which a task stops between two rows; what is left comes with the next."""

_FIELDS: Final = "e.id, e.room_id, e.time, e.kind, e.msgid"
_AGED: Final = f"""
    SELECT {_FIELDS} FROM rooms AS r
    CROSS JOIN entries AS e INDEXED BY ix_entries_room_id_time ON e.room_id = r.id
    WHERE r.id >= ? AND e.time < ? AND e.id < ? ORDER BY r.id, e.time LIMIT {PAGE}
"""  # noqa: S608
_COUNT_AGED: Final = """
    SELECT count(*) FROM rooms AS r
    CROSS JOIN entries AS e INDEXED BY ix_entries_room_id_time ON e.room_id = r.id
    WHERE e.time < ?
"""
_ARRIVALS: Final = f"""
    SELECT {_FIELDS} FROM entries AS e INDEXED BY ix_entries_arrivals
    WHERE {IS_ARRIVAL} AND e.time < ? AND e.id < ? ORDER BY e.time LIMIT {PAGE}
"""  # noqa: S608
_COUNT_ARRIVALS: Final = f"""
    SELECT count(*) FROM entries AS e INDEXED BY ix_entries_arrivals
    WHERE {IS_ARRIVAL} AND e.time < ?
"""  # noqa: S608
_OLDEST: Final = f"""
    SELECT {_FIELDS}, length(e.text) FROM entries AS e
    WHERE e.id >= ? AND e.id < ? AND e.seq > 0 ORDER BY e.id LIMIT {PAGE}
"""  # noqa: S608
_OLDEST_IMPORTED: Final = f"""
    SELECT {_FIELDS}, length(e.text) FROM entries AS e INDEXED BY ix_entries_imported
    WHERE e.seq < 0 AND e.id < ? ORDER BY e.time LIMIT {PAGE}
"""  # noqa: S608
_ABOUT_KINDS: Final = tuple(
    map(str, (EntryKind.EDIT, EntryKind.REDACT, EntryKind.REACT, EntryKind.UNREACT))
)
_ABOUT: Final = f"""
    SELECT id FROM entries WHERE target_msgid = ? AND room_id = ?
    AND kind IN ({", ".join("?" * len(_ABOUT_KINDS))}) ORDER BY id DESC LIMIT {PAGE}
"""  # noqa: S608


class Row(NamedTuple):
    """An entry that is due."""

    id: int
    room_id: int
    time: int
    kind: str
    msgid: str
    length: int = 0


# -- entries -----------------------------------------------------------------------------------


def aged(connection: Connection, before: int, room_id: int, reached: int) -> list[Row]:
    """Entries from before a moment, room by room, from a room on."""
    return _rows(connection, _AGED, (room_id, before, reached))


def arrivals(connection: Connection, before: int, reached: int) -> list[Row]:
    """Arrivals and the like from before a moment, the oldest first."""
    return _rows(connection, _ARRIVALS, (before, reached))


def oldest(
    connection: Connection, excess: int | None, floor: int, reached: int
) -> tuple[list[Row], int]:
    """The oldest entries of all, and the number of the first of those that were not imported:
    they stand in the order of their numbers, from `floor` on.

    Not more than make half of `excess` bytes, if it is given: how much room they leave shows when
    they are gone.
    """
    here = _rows(connection, _OLDEST, (floor, reached))
    imported = _rows(connection, _OLDEST_IMPORTED, (reached,))
    due, weight = [], 0
    for row in islice(merge(here, imported, key=attrgetter("time")), PAGE):
        due.append(row)
        weight += WEIGHT + row.length
        if excess is not None and weight > excess // 2 and len(due) >= LEAST:
            break
    return due, here[0].id if here else floor


def size(connection: Connection) -> int:
    """Bytes of the database that are in use: what was deleted leaves room for what comes."""
    run = connection.exec_driver_sql
    pages, free, page = (
        int(run(f"PRAGMA {name}").scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * page


def count_aged(connection: Connection, before: int | None) -> int:
    """How many entries are from before a moment."""
    return _count(connection, _COUNT_AGED, before)


def count_arrivals(connection: Connection, before: int | None) -> int:
    """How many arrivals and the like are from before a moment."""
    return _count(connection, _COUNT_ARRIVALS, before)


def count_oldest(connection: Connection, most: int, aim: int) -> int:
    """About how many entries make what is beyond `aim`, if it is more than `most` bytes."""
    used = size(connection)
    entries = _count(connection, "SELECT count(*) FROM entries")
    return entries * (used - aim) // used if used > most else 0


def keys(rows: Iterable[Row]) -> list[int]:
    """What the search index knows of them."""
    return [key(row.time, row.id) for row in rows if row.kind in TALK_KINDS]


def _rows(connection: Connection, statement: str, values: tuple[int, ...]) -> list[Row]:
    return [Row(*row) for row in connection.exec_driver_sql(statement, values)]


def _count(connection: Connection, statement: str, *values: int | None) -> int:
    return int(connection.exec_driver_sql(statement, values).scalar_one())


class Deletion:
    """A task of the writer: entries go, each with what is about it, as long as there is time.

    Of `rows` those are taken off that it has come to, so that the next can go on with the rest.
    """

    def __init__(self, rows: list[Row], reached: int, done: Done) -> None:
        self._rows = rows
        self._came_to = 0
        self._reached = reached
        self._done = done
        self._step = Step()

    def apply(self, connection: sqlite3.Connection) -> None:
        """Delete; the transaction is the caller's."""
        until = time.monotonic() + SPELL
        count = 0
        said: dict[int, int] = {}
        for number, row in enumerate(self._rows, 1):
            self._came_to = number
            count += self._delete(connection, row)
            if row.kind in TALK_KINDS:
                said[row.room_id] = max(row.time, said.get(row.room_id, row.time))
            if time.monotonic() > until:
                break
        self._step = Step(count, said)

    def _delete(self, connection: sqlite3.Connection, row: Row) -> int:
        """Delete one and what is about it, and say how many that were.

        What has more about it than a page goes with the last of it; something about it that the
        search index has not reached keeps it for a while.
        """
        about = connection.execute(_ABOUT, (row.msgid, row.room_id, *_ABOUT_KINDS)).fetchall()
        if about and about[0][0] >= self._reached:
            return 0
        gone = [*about, (row.id,)] if len(about) < PAGE else about
        connection.executemany("DELETE FROM messages WHERE entry_id = ?", gone)
        connection.executemany("DELETE FROM entries WHERE id = ?", gone)
        return len(gone)

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        if failure is None:
            del self._rows[: self._came_to]
        self._done(failure or self._step)


# -- what expires ------------------------------------------------------------------------------


class Expiry:
    """A task of the writer: what was good until a moment goes, some of it at a time."""

    def __init__(
        self, forget: Callable[[sqlite3.Connection, int], int], before: int, done: Done
    ) -> None:
        self._forget = forget
        self._before = before
        self._done = done
        self._count = 0

    def apply(self, connection: sqlite3.Connection) -> None:
        """Delete; the transaction is the caller's."""
        self._count = self._forget(connection, self._before)

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        self._done(failure or Step(self._count))
