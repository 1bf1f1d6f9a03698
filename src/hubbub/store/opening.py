"""Opening: from a folder to a store that is ready.

Owns what happens before the first transaction: the folder is made, a fresh database gets the newest
schema, an older one is migrated with a backup first, and a newer, foreign or damaged one is one
clear `StoreError`.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import create_mock_engine

from hubbub.core.ports import StoreError
from hubbub.store.connect import check_sqlite, failure, open_writer
from hubbub.store.files import DATABASE
from hubbub.store.schema import APPLICATION_ID, REVISION, metadata
from hubbub.store.space import sync
from hubbub.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.sql.ddl import ExecutableDDLElement

    from hubbub.store.connect import Durability


def open_store(
    folder: Path,
    *,
    durability: Durability = "full",
    post: Callable[[Callable[[], None]], object],
    reserve: int = 0,
) -> SqliteStore:
    """Open the store in `folder`, making or migrating it first.

    `post` runs a callable on the caller's thread (the loop's `call_soon_threadsafe`);
    `reserve` bytes are kept free on the disk. The caller holds the folder's lock.
    Raises `StoreError` with one line for the operator.
    """
    check_sqlite()
    path = folder / DATABASE
    try:
        prepare(path)
        return SqliteStore(path, durability=durability, post=post, reserve=reserve)
    except (sqlite3.Error, OSError) as error:
        raise failure(path, error) from error


def prepare(path: Path) -> str | None:
    """Bring the file to the newest schema; the revision it had before, None when it is new.

    Makes folder and file when they are missing and their names durable. Raises `StoreError`,
    `sqlite3.Error` or `OSError`.
    """
    new_folder = not path.parent.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = open_writer(path)
    try:
        found = revision(connection)
        if found is None:
            create(connection)
    finally:
        connection.close()
    # SQLite syncs what it writes and the names of its logs, but not the name of the database.
    sync(path.parent)
    if new_folder:
        sync(path.parent.parent)
    if found is not None and found != REVISION:
        _migrate(path, found)
    return found


def _migrate(path: Path, found: str) -> None:
    if not (found.isdecimal() and found < REVISION):
        raise StoreError(
            f"{path.name}: its schema {found} is newer than this program, which knows {REVISION};"
            " update hubbub"
        )
    # Only here: Alembic costs a quarter of a second that a start without migrations need not pay.
    from hubbub.store.migrating import migrate  # noqa: PLC0415

    migrate(path)


def revision(connection: sqlite3.Connection) -> str | None:
    """The schema's revision, None for an empty file. Raises `StoreError` for a stranger's."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return None
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    if mark != APPLICATION_ID or "alembic_version" not in tables:
        raise StoreError("the database is not one of hubbub's; move it out of the data folder")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def create(connection: sqlite3.Connection) -> None:
    """Make the newest schema in an empty file, all of it or nothing."""

    def run(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
        connection.execute(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("sqlite://", run)
    connection.execute("BEGIN EXCLUSIVE")
    metadata.create_all(engine, checkfirst=False)
    connection.execute(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute("INSERT INTO alembic_version VALUES (?)", (REVISION,))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("COMMIT")
