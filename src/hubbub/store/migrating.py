"""Migrating: an older database becomes one of the newest schema.

Each migration is one transaction with its version mark, so a killed one never happened. A copy of
the database is put into its folder of backups first when it holds anything. Imported only when
there is something to do.
"""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from hubbub.store.connect import failure, open_reader, open_writer
from hubbub.store.files import BACKUPS
from hubbub.store.schema import REVISION
from hubbub.store.upkeep import backup

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = logging.getLogger(__name__)

SCRIPTS: Final = Path(__file__).with_name("migrations")
VERSIONS: Final = SCRIPTS / "versions"


def migrate(path: Path, *, to: str = REVISION, versions: Path = VERSIONS) -> Path | None:
    """Run the migrations up to `to`; where the backup is, None when there was nothing to keep.

    Raises `StoreError` when there is no room for a backup or when a migration fails; those before
    it have happened.
    """
    kept = _backup(path, to)
    engine = _engine(path)
    try:
        with engine.connect() as connection:
            command.upgrade(_config(connection, versions), to)
    except (SQLAlchemyError, CommandError) as error:
        raise failure(path, error) from error
    finally:
        engine.dispose()
    log.info("%s: schema %s", path.name, to)
    return kept


def _config(connection: Connection, versions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def _engine(path: Path) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: open_writer(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _backup(path: Path, to: str) -> Path | None:
    state = _state(path)
    if state is None:
        return None
    number = 1
    while True:
        suffix = f"-{number}" if number > 1 else ""
        copy = path.parent / BACKUPS / f"{path.stem}-before-{to}{suffix}{path.suffix}"
        if not copy.exists():
            backup(path, copy)
            log.info("%s: copied to %s/%s before the migration", path.name, BACKUPS, copy.name)
            return copy
        # A migration that was killed is run again: it has its copy.
        if _state(copy) == state:
            return copy
        number += 1


def _state(path: Path) -> tuple[object, ...] | None:
    """What tells one state of the data from another; None when there is none."""
    with closing(open_reader(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in tables:
            return None
        counts = [
            connection.execute(f"SELECT count(*), max(rowid) FROM {table}").fetchone()  # noqa: S608
            for table in ("entries", "people", "rooms")
            if table in tables
        ]
        if not any(count for count, _ in counts):
            return None
        return (*counts, connection.execute("SELECT version_num FROM alembic_version").fetchone())
