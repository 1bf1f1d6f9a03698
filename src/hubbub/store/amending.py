"""Amending: what edits and redactions do to the messages that they are about.

An edit leaves the message as it was written, and beside it what it says now. Of a redacted one the
row stays, blank, as a tombstone, and so do its msgid and its place; of its text nothing is left,
nor of any edit of it. The writer's connections overwrite what they blank, and `Vacuum` rids the
files of what lies about in them from before. Whatever is done twice is done once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hubbub.core.events import TALK, EntryKind
from hubbub.core.ports import Conflict, StoreError
from hubbub.store.space import need_room
from hubbub.store.statements import (
    BLANK_EDITS,
    BLANK_MESSAGE,
    FIND_AMENDABLE,
    SAVE_EDIT,
    SAVE_TOMBSTONE,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hubbub.core.events import Entry
    from hubbub.core.ports import Outcome


class Amended(NamedTuple):
    """What became of amendments (by msgid): those whose target is not there, and edits that a later
    one of the same batch blanks, before they are written."""

    missed: dict[str, Outcome]
    blank: set[str]


def amend(connection: sqlite3.Connection, entries: Iterable[Entry]) -> Amended:
    """Do what edits and redactions say, in order; `Conflict` for those whose target is gone."""
    missed: dict[str, Outcome] = {}
    blank: set[str] = set()
    edits: dict[str | None, list[str]] = {}
    for entry in entries:
        is_edit = entry.kind is EntryKind.EDIT
        found = connection.execute(FIND_AMENDABLE, (entry.target, entry.room_id)).fetchone()
        if found is None or (is_edit and found[1] not in TALK):
            missed[entry.msgid] = Conflict()
        elif is_edit:
            edits.setdefault(entry.target, []).append(entry.msgid)
            # One without a text was blanked elsewhere; the redaction comes after it (an import).
            if entry.text:
                connection.execute(SAVE_EDIT, (found[0], entry.text, entry.time))
        else:
            blank.update(edits.get(entry.target, ()))
            connection.execute(BLANK_MESSAGE, found[:1])
            connection.execute(BLANK_EDITS, (entry.target, entry.room_id))
            connection.execute(SAVE_TOMBSTONE, (found[0], "", entry.time))
    return Amended(missed, blank)


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
