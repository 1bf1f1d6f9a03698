"""Upkeep: is everything right, and a copy of it.

Plain functions on the database file, for the command line and the control socket alike; they may
run while the store is open, and block, so the server runs them in a thread.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hubbub.core.ports import StoreError
from hubbub.store.connect import failure, open_reader
from hubbub.store.files import BACKUPS
from hubbub.store.index import FORMAT
from hubbub.store.space import need_room, sync

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES: Final = 5
"""How many of a kind are named."""

# Each gives rows of (where, what): nothing, when all is right.
_INVARIANTS: Final = {
    "time runs backwards in a room": """
        SELECT room_id, seq FROM (
            SELECT room_id, seq, time, lag(time) OVER (
                PARTITION BY room_id, seq > 0 ORDER BY seq
            ) AS before FROM entries
        ) WHERE time < before
    """,
    "a room's last entry is not its last": """
        SELECT rooms.id, rooms.last_seq FROM rooms JOIN (
            SELECT room_id, max(seq) AS seq, max(time) AS time FROM entries
            WHERE seq > 0 GROUP BY room_id
        ) AS top ON top.room_id = rooms.id
        WHERE rooms.last_seq < top.seq OR rooms.last_time < top.time
    """,
    "an entry of no room": """
        SELECT id, room_id FROM entries WHERE room_id NOT IN (SELECT id FROM rooms)
    """,
    "an entry of no person": """
        SELECT id, person_id FROM entries WHERE person_id NOT IN (SELECT id FROM people)
    """,
    "a room that has ended and is governed": """
        SELECT rooms.id, person_id FROM rooms JOIN roles ON roles.room_id = rooms.id
        WHERE rooms.kind = 'ended'
    """,
    "a token without the time of its last use": """
        SELECT id, nick FROM people WHERE (token_hash IS NULL) <> (token_time IS NULL)
    """,
    "a role in no room": """
        SELECT person_id, room_id FROM roles WHERE room_id NOT IN (SELECT id FROM rooms)
    """,
    "a ban in no room": """
        SELECT mask, room_id FROM bans WHERE room_id NOT IN (SELECT id FROM rooms)
    """,
    "a mark of no person": """
        SELECT person_id, target_id FROM marks WHERE person_id NOT IN (SELECT id FROM people)
    """,
    "metadata of nobody and no room": """
        SELECT owner_id, key FROM metadata
        WHERE owner_id NOT IN (SELECT id FROM rooms) AND owner_id NOT IN (SELECT id FROM people)
    """,
    "a current text of no entry": """
        SELECT entry_id, '' FROM messages WHERE entry_id NOT IN (SELECT id FROM entries)
    """,
}


@dataclass(slots=True, frozen=True)
class Report:
    """What a check found: `findings` are wrong, `notes` mend themselves."""

    entries: int
    people: int
    rooms: int
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check(path: Path, index: Path | None = None) -> Report:
    """Look at the whole database, and at its search index if given.

    Raises `StoreError` when the file cannot be read at all.
    """
    try:
        with closing(open_reader(path)) as connection:
            findings = _damage(connection)
            if not findings:
                findings = _broken_invariants(connection)
            notes = [note for note in [_index_note(connection, index)] if note]
            return Report(
                entries=_count(connection, "entries"),
                people=_count(connection, "people"),
                rooms=_count(connection, "rooms"),
                findings=findings,
                notes=notes,
            )
    except sqlite3.Error as error:
        raise failure(path, error) from error


def backup(path: Path, to: Path) -> int:
    """Copy the database to a new file that is whole or not there; its size in bytes.

    Only its owner can read it, who alone can read the data folder. Raises `StoreError` when `to`
    exists, when there is no room for it, or when it fails.
    """
    if to.exists():
        raise StoreError(f"{to} exists; choose another name, a backup overwrites nothing")
    part = to.with_name(f".{to.name}.part")
    try:
        _make_backups_folder(path, to)
        part.unlink(missing_ok=True)
        with closing(open_reader(path)) as connection:
            need_room(to.absolute().parent, _size(connection), "the backup")
            connection.execute("PRAGMA query_only = OFF")
            # SQLite takes an empty file; one that it makes itself is as open as the umask says.
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            connection.execute("VACUUM INTO ?", (str(part.absolute()),))
        sync(part)
        part.rename(to)
        sync(to.absolute().parent)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise failure(to, error) from error
    return to.stat().st_size


def _make_backups_folder(path: Path, to: Path) -> None:
    folder = path.parent.resolve() / BACKUPS
    if to.parent.resolve() == folder and not folder.exists():
        folder.mkdir(mode=0o700)
        sync(folder.parent)


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(size)


def _count(connection: sqlite3.Connection, table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(count)


def _damage(connection: sqlite3.Connection) -> list[str]:
    found = [line for (line,) in connection.execute("PRAGMA integrity_check(20)")]
    return [] if found == ["ok"] else [f"damaged: {line}" for line in found]


def _broken_invariants(connection: sqlite3.Connection) -> list[str]:
    findings = []
    for words, query in _INVARIANTS.items():
        rows = connection.execute(f"{query} LIMIT {EXAMPLES}").fetchall()
        findings += [f"{words}: {where} ({what})" for where, what in rows]
    return findings


def _index_note(connection: sqlite3.Connection, index: Path | None) -> str | None:
    """What is wrong with the search index, which the next start then makes anew."""
    if index is None or not index.exists():
        return None
    try:
        connection.execute("ATTACH ? AS found", (f"{index.absolute().as_uri()}?mode=rw",))
        state = dict(connection.execute("SELECT key, value FROM found.state"))
        known = connection.execute(
            "SELECT 1 FROM entries WHERE id = ? AND msgid = ?",
            (state.get("entry_id"), state.get("msgid")),
        ).fetchone()
    except sqlite3.DatabaseError:
        return "the search index is damaged; it is made anew at the next start"
    if state.get("format") != FORMAT or (state.get("entry_id") and known is None):
        return "the search index is of another time; it is made anew at the next start"
    return None
