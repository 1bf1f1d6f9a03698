"""The search index: one file that can always be made again.

Plain FTS5 over the tokens of `hubbub.text`, a row per message, behind them the marks of its room,
and how far it got: all entries up to the watermark are in it. Its row ids are made of time, so
that the newest come first whether they were said here or imported. It is written without syncing:
after a power cut, under another tokenizer, or beside another database than its own it is thrown
away and made anew. Next: `roommarks`; `indexer`, which advances it; `search`, which reads it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from hubbub.store.connect import BUSY_SECONDS
from hubbub.text.tokens import FTS5_TOKENIZER, TOKENIZER_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT: Final = f"2 {TOKENIZER_ID}"
"""What the file must be of: another layout or tokenizer means a new file."""

_CLEAN: Final = "clean"
_ID_BITS: Final = 21
_LEAST_KEY: Final = -(1 << 63)
_GREATEST_KEY: Final = (1 << 63) - 1
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")

_TABLES: Final = f"""
CREATE TABLE state (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
    tokens, entry_id UNINDEXED, columnsize = 0, tokenize = "{FTS5_TOKENIZER}"
);
"""


class Watermark(NamedTuple):
    """The last entry that was looked at: its id, and its msgid to recognise the database by."""

    entry_id: int = 0
    msgid: str = ""


@dataclass(slots=True, frozen=True)
class Line:
    """A message as the index keeps it."""

    entry_id: int
    time: int
    tokens: str


def key(time: int, entry_id: int) -> int:
    """The row id of a message: ordered by time, then (nearly always) by arrival."""
    return (time << _ID_BITS) | (entry_id & ((1 << _ID_BITS) - 1))


def first_key(time: int) -> int:
    """The least row id of that millisecond; of one that no message can have, the nearest there is.

    People may ask for any time, and row ids have 64 bits.
    """
    return max(_LEAST_KEY, min(time << _ID_BITS, _GREATEST_KEY))


def boot_id() -> str:
    """What changes when the machine starts anew, "" where it cannot be known."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""


class SearchIndex:
    """The index file, for its one writer. Methods raise `sqlite3.Error`."""

    def __init__(self, path: Path, *, boot: str | None = None) -> None:
        """Open or make the file. An index that cannot be trusted is not opened: `stale` is why."""
        self.path = path
        self.stale: str | None = None
        self._connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._connect(boot_id() if boot is None else boot)
        except BaseException:
            self._connection.close()
            raise

    def _connect(self, boot: str) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = OFF")
        run("PRAGMA secure_delete = ON")
        if not run("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            self._connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
            self._set(format=FORMAT, entry_id=0, msgid="")
        elif self._get("format") != FORMAT:
            self.stale = "it was made by another version"
        elif self._get("boot") not in {_CLEAN, boot} or self._get("boot") == "":
            self.stale = "the machine stopped while it was open"
        self._set(boot=boot)

    def watermark(self) -> Watermark:
        """How far the index got."""
        return Watermark(int(str(self._get("entry_id"))), str(self._get("msgid")))

    def advance(
        self, lines: Iterable[Line], watermark: Watermark, gone: Iterable[int] = ()
    ) -> None:
        """Add messages, delete those that are gone (by `key`) and move the watermark, in one
        transaction."""
        rows = [(key(line.time, line.entry_id), line.tokens, line.entry_id) for line in lines]
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(
                "INSERT OR REPLACE INTO words (rowid, tokens, entry_id) VALUES (?, ?, ?)", rows
            )
            self._connection.executemany("DELETE FROM words WHERE rowid = ?", [(k,) for k in gone])
            self._set(entry_id=watermark.entry_id, msgid=watermark.msgid)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def vacuum(self) -> None:
        """Write the file anew, without what was deleted, and empty its log."""
        run = self._connection.execute
        run("INSERT INTO words (words) VALUES ('optimize')")  # the words of what was deleted go
        run("VACUUM")
        run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Write everything back, synced, and mark the file as whole."""
        with closing(self._connection):
            if self.stale is None:
                self._connection.execute("PRAGMA synchronous = FULL")
                # First the pages, then the word that they are there.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._set(boot=_CLEAN)

    def abandon(self) -> None:
        """Close, and delete the file."""
        self._connection.close()
        delete(self.path)

    def _get(self, name: str) -> object:
        row = self._connection.execute("SELECT value FROM state WHERE key = ?", (name,)).fetchone()
        return row[0] if row else None

    def _set(self, **values: object) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())


def delete(path: Path) -> None:
    """Delete an index with its logs. It is made again by the next indexer."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        (path.parent / name).unlink(missing_ok=True)
