"""The writer: one thread, one connection, a transaction per task.

Takes tasks in order, runs each between BEGIN and COMMIT, and posts what became of it to the
caller's thread. A failed task leaves nothing behind and the connection is opened anew for the
next. Checkpoints run here too, after the caller was told, so that no commit pays for one.
It knows nothing of what a task writes. Next: `batch`, the task that matters.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol

from hubbub.core.ports import StoreError
from hubbub.store.connect import WAL_LIMIT, failure, open_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hubbub.store.connect import Durability
    from hubbub.store.space import Reserve

IDLE_SECONDS: Final = 1.0
"""After so long without a task the log is written back into the database."""

CHECKPOINT_COMMITS: Final = 8
"""At least so many commits between checkpoints, should a reader keep the log from starting over."""


class Task(Protocol):
    """Something to write in one transaction."""

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write. Runs on the writer's thread; raising rolls everything back."""
        ...

    def settle(self, failure: StoreError | None) -> None:
        """Hear what became of it, on the thread that `post` leads to."""
        ...


class Writer:
    """Runs tasks one after another. `put` and `close` may be called from any thread."""

    def __init__(
        self,
        path: Path,
        durability: Durability,
        post: Callable[[Callable[[], None]], object],
        reserve: Reserve,
        committed: Callable[[], None],
    ) -> None:
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._durability = durability
        self._post = post
        self._reserve = reserve
        self._committed = committed
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._connection: sqlite3.Connection | None = open_writer(path, durability)
        self._commits = 0
        self._closed = False
        # A daemon: a disk that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="hubbub-writer", daemon=True)
        self._thread.start()

    def put(self, task: Task) -> None:
        """Queue a task. Raises `StoreError` after `close`."""
        if self._closed:
            raise StoreError(f"{self._path.name}: closed")
        self._tasks.put(task)

    def close(self) -> None:
        """Finish what is queued, write the log back, end the thread. Blocks; once is enough."""
        if not self._closed:
            self._closed = True
            self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            error = self._attempt(task)
            self._tell(partial(task.settle, error))
            if error is None:
                self._commits += 1
                self._committed()
                if self._commits >= CHECKPOINT_COMMITS and self._log_is_long():
                    self._checkpoint()
        if self._connection is not None:
            self._checkpoint()
            self._drop_connection()

    def _next(self) -> Task | None:
        if self._commits:
            try:
                return self._tasks.get(timeout=IDLE_SECONDS)
            except Empty:
                self._checkpoint()
        return self._tasks.get()

    def _attempt(self, task: Task) -> StoreError | None:
        try:
            self._reserve.check()
            if self._connection is None:
                self._connection = open_writer(self._path, self._durability)
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            task.apply(connection)
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 (were the thread to end, every caller would hang)
            self._drop_connection()
            return failure(self._path, error)
        return None

    def _drop_connection(self) -> None:
        """Roll back and close: the next task starts on a connection of known state."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        with suppress(sqlite3.Error):
            connection.close()

    def _tell(self, call: Callable[[], None]) -> None:
        # A closed loop: nobody is left to hear it, and what was committed stays committed.
        with suppress(RuntimeError):
            self._post(call)

    def _log_is_long(self) -> bool:
        try:
            return self._wal.stat().st_size > WAL_LIMIT
        except OSError:
            return False

    def _checkpoint(self) -> None:
        """Write the log back into the database. Whatever stops it is met again by the next.

        What a reader still looks at cannot be written back: that is tried after the next commit,
        or the log would grow by all those between two checkpoints.
        """
        self._commits = 0
        if self._connection is not None:
            with suppress(sqlite3.Error):
                found = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                _, logged, written = found
                self._commits = CHECKPOINT_COMMITS - 1 if written < logged else 0
