"""Marks: up to when persons have read.

A task of the writer and a query. Knows the statements and the schema; `writer` runs the task,
`sqlite` the query. What a mark is for is told in `core/people`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hubbub.store.schema import marks
from hubbub.store.statements import SAVE_MARK, TRIM_MARKS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from hubbub.core.people import Mark
    from hubbub.core.ports import StoreError


def save(connection: sqlite3.Connection, kept: Sequence[Mark]) -> None:
    """Write marks of persons who have a token; the transaction is the caller's."""
    rows = [(mark.target_id, mark.time, mark.person_id) for mark in kept]
    connection.executemany(SAVE_MARK, rows)
    persons = {mark.person_id for mark in kept}
    connection.executemany(TRIM_MARKS, [(one, one) for one in persons])


class Marking:
    """A task of the writer: marks. `done` gets None, or why it failed."""

    def __init__(self, kept: Sequence[Mark], done: Callable[[StoreError | None], None]) -> None:
        self._kept = list(kept)
        self._done = done

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write them; the transaction is the caller's."""
        save(connection, self._kept)

    def settle(self, failure: StoreError | None) -> None:
        """Tell the caller."""
        self._done(failure)


def find(connection: Connection, person_id: int) -> dict[int, int]:
    """Up to when a person has read."""
    wanted = select(marks.c.target_id, marks.c.time).where(marks.c.person_id == person_id)
    return {row.target_id: row.time for row in connection.execute(wanted)}
