"""Connections: how one SQLite file is opened, for writing and for reading.

There is one writing connection in the process, and it alone runs checkpoints; readers never
write, so two connections never race for the write-ahead log. Drivers run in autocommit and every
transaction says BEGIN itself: otherwise `CREATE TABLE` would survive a rollback.
`failure` turns a driver's error into words for the operator.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sqlalchemy import create_engine, event
from sqlalchemy.pool import QueuePool

from hubbub.core.ports import StoreError
from hubbub.store.space import is_read_only

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

Durability: TypeAlias = Literal["full", "os"]

OLDEST_SQLITE: Final = (3, 40, 0)
BUSY_SECONDS: Final = 5.0
WAL_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of write-ahead log that are kept between checkpoints, so that commits overwrite in place
(which syncs faster than growing a file)."""

_WORDS: Final = {
    "FULL": "the disk is full; make room",
    "READONLY": "the disk or the folder is read-only",
    "IOERR": "the disk does not work",
    "IOERR_SHMSIZE": "the disk is full; make room",  # no room for the index of the log
    "CANTOPEN": "it cannot be opened; check that the folder exists and is ours",
    "PERM": "permission denied",
    "AUTH": "permission denied",
    "BUSY": "another program holds it",
    "LOCKED": "another program holds it",
    "CORRUPT": "it is damaged; stop the server and restore a backup",
    "NOTADB": "it is damaged or no database; restore a backup or move it away",
}


def failure(path: Path, error: BaseException) -> StoreError:
    """The error in words: which file, why, what to do. Never holds what people wrote."""
    if isinstance(error, StoreError):
        return error
    cause: object = error.__cause__ if isinstance(error.__cause__, sqlite3.Error) else error
    name: str | None = getattr(cause, "sqlite_errorname", None)
    if name == "SQLITE_CANTOPEN" and is_read_only(path.parent):
        name = "SQLITE_READONLY"  # what it says when it finds no log to read
    if name is not None:
        bare = name.removeprefix("SQLITE_")
        words = _WORDS.get(bare) or _WORDS.get(bare.split("_")[0], str(cause))
        return StoreError(f"{path.name}: {words} ({name})")
    if isinstance(cause, OSError):
        return StoreError(f"{path.name}: {cause.strerror or type(cause).__name__}")
    if isinstance(cause, sqlite3.Error):
        return StoreError(f"{path.name}: {cause}")
    # Of other errors only the kind: their words may quote the data.
    return StoreError(f"{path.name}: {type(cause).__name__}")


def check_sqlite(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> None:
    """Raise `StoreError` when the SQLite library is too old."""
    if version < OLDEST_SQLITE:
        found, wanted = (".".join(map(str, v)) for v in (version, OLDEST_SQLITE))
        raise StoreError(
            f"the SQLite library is {found}, hubbub needs {wanted} or newer; update it"
        )


def open_writer(path: Path, durability: Durability = "full") -> sqlite3.Connection:
    """Open, or create, the file for writing. `full` syncs the log before COMMIT returns."""
    connection = _open(path)
    try:
        _use_log(connection, path)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durability == 'full' else 'NORMAL'}")
        # On macOS a plain fsync leaves the data in the drive's cache.
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA secure_delete = ON")  # what is blanked is overwritten
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open an existing file for reading only."""
    connection = _open(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def reading_engine(path: Path, readers: int) -> Engine:
    """Up to `readers` connections that each read a committed state per transaction."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: open_reader(path),
        poolclass=QueuePool,
        pool_size=readers,
        max_overflow=0,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _use_log(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreError(f"{path.name}: no write-ahead log on this file system; use a local one")


def _open(path: Path) -> sqlite3.Connection:
    # `uri` only so that ATTACH understands one: a path never begins with "file:" here.
    connection = sqlite3.connect(
        path.absolute(),
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    connection.execute("PRAGMA cache_size = -8000")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
