"""The indexer: a thread that brings the search index up to the last commit.

It works in small steps and rests at least four times as long, because it shares the interpreter
with the event loop, and nobody waits for it: a search scans what it has not reached.
A damaged or stale index is thrown away and made anew with one line in the log.
Searches `borrow` the index, so that it is never deleted under one.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import sqlite

from hubbub.core.events import EntryKind
from hubbub.core.ports import StoreError
from hubbub.store.connect import failure, open_reader
from hubbub.store.index import Line, SearchIndex, Watermark, delete, key
from hubbub.store.reading import TALK_KINDS, current_text
from hubbub.store.roommarks import marked
from hubbub.store.schema import entries, messages
from hubbub.text.tokens import index_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hubbub.store.space import Reserve

log = logging.getLogger(__name__)

STEP_SECONDS: Final = 0.005
"""What a step may take of the processor."""

REST_AT_LEAST: Final = 0.1
"""Seconds when it has caught up, so that a quick succession of commits is indexed in one step."""

REST: Final = 4
"""How many times as long as a step the rest after it is."""

RETRY_SECONDS: Final = 5.0

VACUUM_SECONDS: Final = 600.0
"""How long a vacuum may take; an index that is made anew can be far behind."""

MOST_ROWS: Final = 500

_NEXT: Final = str(
    select(
        entries.c.id,
        entries.c.msgid,
        entries.c.time,
        entries.c.kind,
        current_text,
        entries.c.target_msgid,
    )
    .outerjoin(messages, messages.c.entry_id == entries.c.id)
    .where(entries.c.id > bindparam("watermark"))
    .order_by(entries.c.id)
    .limit(bindparam("rows"))
    .offset(0)
    .compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
)

_TARGET: Final = "SELECT id, time FROM entries WHERE msgid = ?"

_EDITED: Final = str(
    select(entries.c.id, entries.c.time, messages.c.text)
    .join(messages, messages.c.entry_id == entries.c.id)
    .where(entries.c.msgid == bindparam("msgid"), messages.c.redacted.is_(None))
    .compile(dialect=sqlite.dialect())
)


class Indexer:
    """Advances the index at `path` beside the database. Safe to call from any thread."""

    def __init__(self, database: Path, path: Path, reserve: Reserve, *, rest: int = REST) -> None:
        self.path = path
        self.reached = 0
        """The number of the last entry that is in the index, 0 while there is none to trust."""
        self._database = database
        self._reserve = reserve
        self._rest = rest
        self._rows = 64
        self._failures = 0
        self._trusted = False
        self._borrowers = 0
        self._idle = threading.Condition()
        self._committed = threading.Event()
        self._caught_up = threading.Event()
        self._vacuuming: threading.Event | None = None
        self._forgetting: deque[tuple[Sequence[int], Callable[[], None]]] = deque()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hubbub-indexer", daemon=True)

    def start(self) -> None:
        """Begin, with whatever was not indexed yet."""
        self._committed.set()
        self._thread.start()

    def wake(self) -> None:
        """Something was committed."""
        with self._idle:
            self._caught_up.clear()
            self._committed.set()

    def wait(self, timeout: float) -> bool:
        """Wait until everything committed before is indexed (for tests and upkeep)."""
        return self._caught_up.wait(timeout)

    def vacuum(self) -> None:
        """Bring the index up to the last commit and write it anew. Blocks, nobody searching.

        Raises `StoreError` when it takes too long, or is given up.
        """
        done = threading.Event()
        with self._idle:
            self._vacuuming = done
            self._caught_up.clear()
            self._committed.set()
        if not done.wait(VACUUM_SECONDS):
            raise StoreError(f"{self.path.name}: is not up to date; please try again later")

    def forget(self, keys: Sequence[int], done: Callable[[], None]) -> None:
        """Delete messages (by `key`) that are about to go from the database, and say so.

        `done` is called on the indexer's thread; not before the index works, if it does not.
        """
        self._forgetting.append((keys, done))
        self.wake()

    def close(self) -> None:
        """Stop after the current step and leave the file whole. Blocks."""
        self._stopping.set()
        self._committed.set()
        self._thread.join()

    @contextmanager
    def borrow(self) -> Iterator[Path | None]:
        """The index for as long as the block runs; None while there is none to trust."""
        with self._idle:
            path = self.path if self._trusted else None
            self._borrowers += 1
        try:
            yield path
        finally:
            with self._idle:
                self._borrowers -= 1
                self._idle.notify_all()

    def distrust(self) -> None:
        """A search found the index damaged: make it anew."""
        with self._idle:
            self._trusted = False
            self._caught_up.clear()
            self._committed.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            index: SearchIndex | None = None
            try:
                index = SearchIndex(self.path)
                reason = index.stale or self._stranger(index.watermark())
                if reason is not None:
                    log.info("search index is made anew: %s", reason)
                    index.abandon()
                    index = SearchIndex(self.path)
                self._trusted = True
                self.reached = index.watermark().entry_id
                self._advance(index)
                index.close()
            except (sqlite3.Error, StoreError, OSError) as error:
                self._give_up(index, error)

    def _stranger(self, watermark: Watermark) -> str | None:
        """Why the index is not of this database, by the entry it got to."""
        if not watermark.entry_id:
            return None
        connection = open_reader(self._database)
        try:
            row = connection.execute(
                "SELECT msgid FROM entries WHERE id = ?", (watermark.entry_id,)
            ).fetchone()
        finally:
            connection.close()
        return None if row == (watermark.msgid,) else "it belongs to another database"

    def _advance(self, index: SearchIndex) -> None:
        """Step and rest until told to stop, or until a search distrusts the index."""
        connection = open_reader(self._database)
        try:
            while self._wait():
                started = time.thread_time()
                self._forget(index)
                asked = self._vacuuming  # before: this step sees all that was committed by then
                more = self._step(connection, index)
                spent = max(time.thread_time() - started, 1e-6)
                self._rows = max(1, min(MOST_ROWS, int(self._rows * STEP_SECONDS / spent)))
                self._failures = 0
                if asked is not None and not more:
                    self._vacuum(index, asked)
                self._note(more=more)
                rest = self._rest * spent
                self._stopping.wait(rest if more else max(REST_AT_LEAST, rest))
        finally:
            connection.close()

    def _forget(self, index: SearchIndex) -> None:
        while self._forgetting:
            keys, done = self._forgetting[0]
            index.advance((), index.watermark(), keys)
            self._forgetting.popleft()
            done()

    def _note(self, *, more: bool) -> None:
        with self._idle:
            if more:
                self._committed.set()
            elif not self._committed.is_set():
                self._caught_up.set()

    def _vacuum(self, index: SearchIndex, done: threading.Event) -> None:
        index.vacuum()
        self._vacuuming = None
        done.set()

    def _wait(self) -> bool:
        self._committed.wait()
        self._committed.clear()
        if not self._trusted:
            raise sqlite3.DatabaseError("a search found it damaged")
        return not self._stopping.is_set()

    def _step(self, connection: sqlite3.Connection, index: SearchIndex) -> bool:
        """Index some entries; True when there may be more."""
        self._reserve.check()
        watermark = index.watermark()
        rows = connection.execute(_NEXT, (watermark.entry_id, self._rows, 0)).fetchall()
        if not rows:
            return False
        lines = [
            Line(entry_id, sent, index_text(text))
            for entry_id, _, sent, kind, text, _ in rows
            if kind in TALK_KINDS
        ]
        # In place of what was indexed before. One that stands among these rows is as it is now.
        lines += [
            Line(entry_id, sent, index_text(text))
            for *_, kind, _, target in rows
            if kind == EntryKind.EDIT
            for entry_id, sent, text in connection.execute(_EDITED, (target,))
        ]
        gone = [
            key(sent, entry_id)
            for *_, kind, _, target in rows
            if kind == EntryKind.REDACT
            for entry_id, sent in connection.execute(_TARGET, (target,))
        ]
        index.advance(marked(connection, lines), Watermark(rows[-1][0], rows[-1][1]), gone)
        self.reached = rows[-1][0]
        return len(rows) == self._rows

    def _give_up(self, index: SearchIndex | None, error: Exception) -> None:
        """Let go of the index; delete it when it is the file that is wrong, not the disk."""
        with self._idle:
            self._trusted = False
            self.reached = 0
            self._idle.wait_for(lambda: not self._borrowers)
        if index is not None:
            with suppress(sqlite3.Error):
                index.close()
        damaged = _is_damage(error)
        if damaged:
            delete(self.path)
        if not self._failures:  # one line, however long it lasts
            # Of a damaged one nobody restores a backup, as `failure` would advise.
            what = f"is made anew: {error}" if damaged else f"waits: {failure(self.path, error)}"
            log.warning("search index %s", what)
        self._committed.set()
        self._failures += 1
        if self._failures > 1:
            self._stopping.wait(RETRY_SECONDS)


def _is_damage(error: Exception) -> bool:
    """Whether a new file would help: not when the disk or another program is at fault."""
    name: str = getattr(error, "sqlite_errorname", "")
    return isinstance(error, sqlite3.Error) and not name.startswith(
        ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_CANTOPEN")
    )
