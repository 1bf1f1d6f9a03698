"""One SQLite file per server, in a thread of its own.

Owns how it is opened, what is in it (`SCHEMA`), and that nothing waits for the disk on the event
loop. Several clients may have one file open: each write is one short transaction, and SQLite makes
them wait for each other. What is committed is on the disk; what is deleted is overwritten. Next:
`log`, `outbox`, `seats`, which are handed a connection to work on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Final, Self, TypeVar

from hubbub.client.errors import CannotKeep
from hubbub.text.tokens import FTS5_TOKENIZER, TOKENIZER_ID, index_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

BUSY_SECONDS: Final = 10.0
"""How long a write waits for another client's."""

VERSION: Final = 1

SCHEMA: Final = f"""
-- Rooms (seat 0), and people who were talked with from a seat; `name` as it was written last. A
-- classic server has one room, which is called "".
CREATE TABLE places (
    id INTEGER PRIMARY KEY, folded TEXT NOT NULL, seat INTEGER NOT NULL, name TEXT NOT NULL,
    UNIQUE (folded, seat)
);

-- What was seen, in order of (time, rank). A long message may be several lines: the first, part 0,
-- has the server's name for it, and the others follow. `hole`: something before it was not seen.
CREATE TABLE lines (
    id INTEGER PRIMARY KEY, place_id INTEGER NOT NULL REFERENCES places (id),
    time INTEGER NOT NULL, rank INTEGER NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL,
    text TEXT NOT NULL, msgid TEXT NOT NULL DEFAULT '', part INTEGER NOT NULL DEFAULT 0,
    ours INTEGER NOT NULL DEFAULT 0, hole INTEGER NOT NULL DEFAULT 0,
    extra TEXT NOT NULL DEFAULT '{{}}'
);
CREATE INDEX lines_in_order ON lines (place_id, time, rank);
CREATE INDEX lines_by_rank ON lines (rank);
CREATE INDEX lines_by_time ON lines (time, rank);
CREATE UNIQUE INDEX lines_once ON lines (msgid, part, place_id) WHERE msgid <> '';

-- What happened to a message: reactions, its last edit, that it was taken away.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, target TEXT NOT NULL, kind TEXT NOT NULL, time INTEGER NOT NULL,
    name TEXT NOT NULL, text TEXT NOT NULL, msgid TEXT NOT NULL DEFAULT '',
    UNIQUE (target, kind, name, text)
);

CREATE VIRTUAL TABLE words USING fts5(tokens, columnsize = 0, tokenize = "{FTS5_TOKENIZER}");
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Who we are at the server: one row for each client that is open at the same time.
CREATE TABLE seats (number INTEGER PRIMARY KEY, name TEXT NOT NULL, token TEXT NOT NULL);
CREATE TABLE rooms (
    seat INTEGER NOT NULL, folded TEXT NOT NULL, name TEXT NOT NULL, inside INTEGER NOT NULL,
    PRIMARY KEY (seat, folded)
);

-- What is to be said, and the messages that it becomes on the wire.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, seat INTEGER NOT NULL,
    time INTEGER NOT NULL, target TEXT NOT NULL, text TEXT NOT NULL, action INTEGER NOT NULL,
    reply_to TEXT NOT NULL, named INTEGER NOT NULL, pieces TEXT
);
CREATE TABLE drafts (
    seat INTEGER NOT NULL, folded TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (seat, folded)
);
"""


class Database:
    """A file that is open. Made by `open`; every method raises `CannotKeep`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"kept {path.stem}")
        self._connection: sqlite3.Connection | None = None

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open a file, and make what is not in it yet."""
        database = cls(path)
        try:
            database._connection = await database._do(lambda: _connect(path))
        except BaseException:
            database._thread.shutdown(wait=False)
            raise
        return database

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in the thread that writes nothing."""
        return await self._do(lambda: work(self._opened))

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in one transaction; it is on the disk when this returns."""
        return await self._do(lambda: _transaction(self._opened, work))

    async def close(self) -> None:
        """Finish what was begun, and close the file."""
        if self._connection is not None:
            await self._do(self._connection.close)
            self._connection = None
        self._thread.shutdown()

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise CannotKeep(f"{self.path}: it was closed")
        return self._connection

    async def _do(self, work: Callable[[], T]) -> T:
        # A write that was begun is finished, whoever stopped waiting for it.
        return await asyncio.shield(
            asyncio.get_running_loop().run_in_executor(self._thread, self._in_words, work)
        )

    def _in_words(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", None) or type(error).__name__
            raise CannotKeep(f"{self.path}: {_WORDS.get(name, str(error))} ({name})") from error


_WORDS: Final = {
    "SQLITE_FULL": "the disk is full; make room",
    "SQLITE_READONLY": "it is read-only; make it writable",
    "SQLITE_BUSY": "another program holds it",
    "SQLITE_CORRUPT": "it is damaged; move it away, and it is begun anew",
    "SQLITE_NOTADB": "it is no database; move it away, and it is begun anew",
    "SQLITE_CANTOPEN": "it cannot be opened; is the folder ours?",
}


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        _transaction(connection, lambda one: _make(one, path))
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise CannotKeep(
            f"{path}: a newer hubbub has made it (format {version}, this one knows {VERSION});"
            " use that one, or move the file away"
        )
    if version == 0:
        for statement in _statements(SCHEMA):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("INSERT INTO state VALUES ('tokenizer', ?)", (TOKENIZER_ID,))
    _index_anew_if_old(connection)


def _statements(script: str) -> list[str]:
    # `executescript` would end the transaction that all of it is to be in.
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


def _index_anew_if_old(connection: sqlite3.Connection) -> None:
    """Give all lines other tokens when another version, or another Unicode, made those there."""
    (made_by,) = connection.execute("SELECT value FROM state WHERE key = 'tokenizer'").fetchone()
    if made_by == TOKENIZER_ID:
        return
    connection.execute("DELETE FROM words")
    with closing(connection.execute("SELECT id, text FROM lines")) as lines:
        connection.executemany(
            "INSERT INTO words (rowid, tokens) VALUES (?, ?)",
            ((number, index_text(text)) for number, text in lines),
        )
    connection.execute("UPDATE state SET value = ? WHERE key = 'tokenizer'", (TOKENIZER_ID,))


def _transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result
