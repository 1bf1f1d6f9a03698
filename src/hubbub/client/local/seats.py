"""Who we are at a server: the seat that this client has taken among those open at the same time.

Owns the seats of one database. A seat has a name, the token that makes a guest the same person
again, the rooms it is in, and what it has typed. One client has it at a time: two that resumed the
same person would take over from each other for ever. So a second window of the same name has a
seat of its own. The lock belongs to an open file, and ends with the process however that ends.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from hubbub.client.local.folder import cannot_keep
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from hubbub.client.local.database import Database
    from hubbub.client.local.folder import ClientFolder


class Seat:
    """A seat that is ours until `close`. Methods that wait raise `CannotKeep`."""

    def __init__(self, database: Database, number: int, lock: int) -> None:
        self.number = number
        self._database = database
        self._lock = lock

    @classmethod
    async def take(cls, folder: ClientFolder, database: Database, name: str) -> Seat:
        """Take the first free seat of that name, or a new one."""
        for number in await database.read(lambda db: list(_of_name(db, name))):
            lock = _try(folder, database.path, number)
            if lock is not None:
                return cls(database, number, lock)
        while True:
            number = await database.write(lambda db: _add(db, name))
            lock = _try(folder, database.path, number)
            if lock is not None:  # else another client, of the same name, has found it first
                return cls(database, number, lock)

    async def token(self) -> str:
        """What resumes the person; "" for nobody yet."""
        question = "SELECT token FROM seats WHERE number = ?"
        (token,) = await self._database.read(
            lambda db: db.execute(question, (self.number,)).fetchone()
        )
        return str(token)

    async def rooms(self) -> dict[str, tuple[str, bool]]:
        """The rooms we know, by folded name: as they are written, and whether we are inside."""
        question = "SELECT folded, name, inside FROM rooms WHERE seat = ?"
        rows = await self._database.read(lambda db: db.execute(question, (self.number,)).fetchall())
        return {folded: (name, bool(inside)) for folded, name, inside in rows}

    async def keep(self, token: str, inside: Iterable[str], left: Mapping[str, str]) -> None:
        """Keep who we are and where: rooms by name, those we left by folded name."""
        rooms = [(self.number, fold(name), name, True) for name in inside]
        rooms += [(self.number, folded, name, False) for folded, name in left.items()]

        def write(db: sqlite3.Connection) -> None:
            db.execute("UPDATE seats SET token = ? WHERE number = ?", (token, self.number))
            db.execute("DELETE FROM rooms WHERE seat = ?", (self.number,))
            db.executemany("INSERT OR IGNORE INTO rooms VALUES (?, ?, ?, ?)", rooms)

        await self._database.write(write)

    def close(self) -> None:
        """Stand up."""
        os.close(self._lock)


def _of_name(db: sqlite3.Connection, name: str) -> Iterator[int]:
    for number, other in db.execute("SELECT number, name FROM seats ORDER BY number"):
        if fold(other) == fold(name):
            yield number


def _add(db: sqlite3.Connection, name: str) -> int:
    done = db.execute("INSERT INTO seats (name, token) VALUES (?, '')", (name,))
    return int(done.lastrowid or 0)


def _try(folder: ClientFolder, database: Path, number: int) -> int | None:
    """Lock a seat; None when another process has it."""
    path = folder.prepare(database.with_name(f"{database.stem}.seat-{number}.lock"))
    try:
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise cannot_keep(path, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
