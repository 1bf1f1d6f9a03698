"""Metadata: what persons and rooms say of themselves, by key.

A part of a batch, and of a token's keeping: what a person says is kept for those who can come
back, as their marks are. Knows the statements and the schema, no rule (`core/metadata` has them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from hubbub.core.rooms import Room
from hubbub.store.schema import said_of
from hubbub.store.statements import DROP_METADATA, SAVE_METADATA, SAVE_OWN_METADATA

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from hubbub.core.metadata import Change
    from hubbub.core.people import Person


class Row(NamedTuple):
    """A change as it is written; `of_room` says whose it is."""

    owner_id: int
    key: str
    value: str | None
    of_room: bool


def row(change: Change) -> Row:
    """A change, without the owner itself, which the writer's thread may not read."""
    return Row(change.owner.id, change.key, change.value, isinstance(change.owner, Room))


def rows_of(person: Person) -> list[Row]:
    """All that a person says of themselves."""
    return [Row(person.id, key, value, of_room=False) for key, value in person.metadata.items()]


def save(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Write changes in their order; the transaction is the caller's.

    Those of persons without a token are left out: nobody will ever ask for them.
    """
    for owner_id, key, value, of_room in rows:
        if value is None:
            connection.execute(DROP_METADATA, (owner_id, key))
        elif of_room:
            connection.execute(SAVE_METADATA, (owner_id, key, value))
        else:
            connection.execute(SAVE_OWN_METADATA, (key, value, owner_id))


def find(connection: Connection, owner_id: int) -> dict[str, str]:
    """What a person or a room says of itself, in the order of the keys."""
    wanted = (
        select(said_of.c.key, said_of.c.value)
        .where(said_of.c.owner_id == owner_id)
        .order_by(said_of.c.key)
    )
    return {row.key: row.value for row in connection.execute(wanted)}


def rooms_of(changes: Sequence[Change]) -> list[Room]:
    """The rooms that changes are of."""
    return [change.owner for change in changes if isinstance(change.owner, Room)]
