"""Forgetting: rooms that end, and the rows of rooms and people of whom nothing is left.

Who is here, and which rooms are open, the hub knows; it spares them. Finding runs on a reader, a
task on the writer between two commits, where it looks again at what may have changed since. Next:
`pruning`, which takes the steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.core.retention import Step, ended_name
from hubbub.core.rooms import RoomKind
from hubbub.store.statements import FORGET_BANS, FORGET_ROLES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from hubbub.core.ports import StoreError
    from hubbub.store.retention import Done

ROOMS_AT_ONCE: Final = 500
"""Rooms that are looked at for one page."""

PEOPLE_AT_ONCE: Final = 100_000
"""Persons of whom is found out at once whether anything is left: all entries are read for that."""

ENTRIES_AT_ONCE: Final = 20_000
"""Numbers of entries that are looked at for one page when it is asked whose they are."""

# `last_time` is of what was said here; what was imported counts, too.
_NOTHING_SINCE: Final = "NOT EXISTS (SELECT 1 FROM entries WHERE room_id = rooms.id AND time >= ?)"
_IDLE: Final = f"""
    SELECT id, folded, last_time FROM rooms
    WHERE kind = '{RoomKind.ROOM}' AND id > ? AND last_time < ? AND created < ? AND {_NOTHING_SINCE}
    ORDER BY id LIMIT {ROOMS_AT_ONCE}
"""  # noqa: S608
_END: Final = f"""
    UPDATE rooms SET kind = '{RoomKind.ENDED}', folded = ?, state = NULL
    WHERE id = ? AND kind = '{RoomKind.ROOM}' AND last_time = ? AND {_NOTHING_SINCE}
"""  # noqa: S608
_EMPTY: Final = "NOT EXISTS (SELECT 1 FROM entries WHERE room_id = rooms.id)"
_CAN_BE_EMPTY: Final = f"kind IN ('{RoomKind.DIRECT}', '{RoomKind.ENDED}')"
_ROOMS: Final = f"""
    SELECT id, {_CAN_BE_EMPTY} AND {_EMPTY} FROM rooms WHERE id > ?
    ORDER BY id LIMIT {ROOMS_AT_ONCE}
"""  # noqa: S608
_CONVERSATIONS: Final = f"""
    SELECT folded FROM rooms WHERE kind = '{RoomKind.DIRECT}' AND folded > ?
    ORDER BY folded LIMIT {ROOMS_AT_ONCE}
"""  # noqa: S608
_FORGET_ROOM: Final = f"DELETE FROM rooms WHERE id = ? AND {_CAN_BE_EMPTY} AND {_EMPTY}"  # noqa: S608
_FORGET_METADATA: Final = "DELETE FROM metadata WHERE owner_id = ?"
_CANNOT_COME_BACK: Final = "token_hash IS NULL AND account IS NULL"
_FORGET_PERSON: Final = f"DELETE FROM people WHERE id = ? AND {_CANNOT_COME_BACK}"  # noqa: S608


# -- rooms -------------------------------------------------------------------------------------


class Idle(NamedTuple):
    """A room in which nothing has happened for long."""

    id: int
    folded: str
    last_time: int


def idle(connection: Connection, before: int, after: int) -> list[Idle]:
    """Rooms in which nothing has happened since a moment, by their ids, after one of them."""
    found = connection.exec_driver_sql(_IDLE, (after, before, before, before))
    return [Idle(*row) for row in found]


class Ending:
    """A task of the writer: rooms end. What people have set of them goes, and their names are
    free; those in which something has happened since they were found stay."""

    def __init__(self, rooms: Sequence[Idle], before: int, done: Done) -> None:
        self._rooms = rooms
        self._before = before
        self._done = done
        self._count = 0

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write it; the transaction is the caller's."""
        self._count = 0
        for room in self._rooms:
            name = ended_name(room.folded, room.id, room.last_time)
            values = (name, room.id, room.last_time, self._before)
            ended = connection.execute(_END, values).rowcount
            if ended:
                connection.execute(FORGET_BANS, (room.id,))
                connection.execute(FORGET_ROLES, (room.id,))
                connection.execute(_FORGET_METADATA, (room.id,))
            self._count += ended

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        self._done(failure or Step(self._count))


def empty(connection: Connection, after: int) -> tuple[list[int], int | None]:
    """Rooms whose record is empty and that are only that, and the last that was looked at."""
    rows = connection.exec_driver_sql(_ROOMS, (after,)).fetchall()
    return [id_ for id_, is_empty in rows if is_empty], rows[-1][0] if rows else None


# -- people ------------------------------------------------------------------------------------


def strangers(connection: Connection, after: int, limit: int) -> list[int]:
    """Persons who cannot come back, by their ids, after one of them."""
    wanted = f"SELECT id FROM people WHERE id > ? AND {_CANNOT_COME_BACK} ORDER BY id LIMIT ?"  # noqa: S608
    return list(connection.exec_driver_sql(wanted, (after, limit)).scalars())


def ends(connection: Connection) -> tuple[int, int]:
    """The numbers of the first and the last entry."""
    low, high = connection.exec_driver_sql("SELECT min(id), max(id) FROM entries").one()
    return low or 0, high or 0


def who(connection: Connection, after: int, until: int) -> list[int]:
    """Who did what entries of these numbers tell."""
    wanted = "SELECT DISTINCT person_id FROM entries WHERE id > ? AND id <= ?"
    return list(connection.exec_driver_sql(wanted, (after, until)).scalars())


def conversations(connection: Connection, after: str) -> list[str]:
    """The names of conversations, which are made of the ids of persons."""
    return list(connection.exec_driver_sql(_CONVERSATIONS, (after,)).scalars())


def with_roles(connection: Connection) -> list[int]:
    """Who has a role anywhere."""
    return list(connection.exec_driver_sql("SELECT DISTINCT person_id FROM roles").scalars())


class Forgetting:
    """A task of the writer: rows of people, or of rooms, go if they are still as they were found.

    Of people nothing was left up to the entry with the number `seen`.
    """

    def __init__(self, statement: str, ids: Sequence[int], seen: int | None, done: Done) -> None:
        self._statement = statement
        self._ids = ids
        self._seen = seen
        self._done = done
        self._count = 0

    @classmethod
    def people(cls, ids: Sequence[int], seen: int, done: Done) -> Forgetting:
        """Of people."""
        return cls(_FORGET_PERSON, ids, seen, done)

    @classmethod
    def rooms(cls, ids: Sequence[int], done: Done) -> Forgetting:
        """Of rooms."""
        return cls(_FORGET_ROOM, ids, None, done)

    def apply(self, connection: sqlite3.Connection) -> None:
        """Delete; the transaction is the caller's."""
        since: Collection[int] = ()
        if self._seen is not None:
            wanted = "SELECT DISTINCT person_id FROM entries WHERE id > ?"
            since = {id_ for (id_,) in connection.execute(wanted, (self._seen,))}
        gone = [(id_,) for id_ in self._ids if id_ not in since]
        self._count = connection.executemany(self._statement, gone).rowcount if gone else 0

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        self._done(failure or Step(self._count))
