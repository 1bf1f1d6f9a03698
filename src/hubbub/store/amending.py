"""Amending: what a redaction does to the message that it takes away.

The row stays, blank, as a tombstone, and so do the msgid and the place of what was said; of its
text nothing is left, nor of any edit of it. The writer's connections overwrite what they blank,
and `Vacuum` rids the files of what lies about in them from before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.core.events import EntryKind
from hubbub.core.ports import Conflict, StoreError
from hubbub.store.space import need_room
from hubbub.store.statements import (
    BLANK_EDITS,
    BLANK_MESSAGE,
    FIND_AMENDABLE,
    SAVE_TOMBSTONE,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hubbub.core.events import Entry
    from hubbub.core.ports import Outcome

AMENDING: Final = frozenset({EntryKind.REDACT})
"""Kinds of entries that change what another says."""


def amend(connection: sqlite3.Connection, entries: Iterable[Entry]) -> dict[str, Outcome]:
    """Do what entries of these kinds say, in order; `Conflict` for those whose target is gone."""
    missed: dict[str, Outcome] = {}
    for entry in entries:
        found = connection.execute(FIND_AMENDABLE, (entry.target, entry.room_id)).fetchone()
        if found is None:
            missed[entry.msgid] = Conflict()
            continue
        connection.execute(BLANK_MESSAGE, found)
        connection.execute(BLANK_EDITS, (entry.target, entry.room_id))
        connection.execute(SAVE_TOMBSTONE, (*found, "", entry.time))
    return missed


class Vacuum:
    """A task of the writer: the database anew, without what was deleted, and an empty log."""

    def __init__(self, path: Path, settle: Callable[[StoreError | None], None]) -> None:
        self._path = path
        self.settle = settle

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write everything anew. Nobody can write meanwhile."""
        # The copy, and the log through which it comes back.
        need_room(self._path.parent, 2 * self._path.stat().st_size, "the vacuum")
        connection.execute("COMMIT")  # it cannot be done in a transaction
        try:
            connection.execute("PRAGMA temp_store = FILE")  # the copy may be larger than memory
            connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("BEGIN IMMEDIATE")  # the writer's, which it will commit
        if busy:
            raise StoreError(f"{self._path.name}: somebody is reading it still; please try again")
