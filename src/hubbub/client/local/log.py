"""The log: what was seen on a server, kept on this machine.

Owns what is written of each event, and where something is missing between two lines. Nothing is
kept twice: a message that comes again is known by its msgid. What was edited or taken away goes
from here too (`changes`). What is seen is gathered and written together (`writing`), off the event
loop; `settled` waits for it. Next: `pages`, which reads.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from hubbub.client.errors import CannotKeep
from hubbub.client.events import Edited, Reacted, Redacted, RoomRenamed
from hubbub.client.local import changes, writing
from hubbub.client.local.lines import TALK, Row, row_of
from hubbub.client.local.writing import Bounds
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from hubbub.client.events import Event, Message
    from hubbub.client.local.database import Database

PRUNE_EVERY: Final = 1_000
"""Lines that are written between two looks at the bounds."""


@dataclass(frozen=True, slots=True)
class _Hole:
    """Of these places (None: of all) something was said that nobody tells us any more."""

    places: frozenset[str] | None


_Seen: TypeAlias = Row | Edited | Reacted | Redacted | RoomRenamed | _Hole


class Log:
    """Writes what is seen on one server. Methods that wait raise `CannotKeep`."""

    def __init__(
        self,
        database: Database,
        seat: int,
        bounds: Bounds | None = None,
        *,
        troubled: Callable[[CannotKeep], None],
    ) -> None:
        """`seat` is whose conversations these are; `troubled` is told when nothing can be kept."""
        self._database = database
        self._seat = seat
        self._troubled = troubled
        self._bounds = bounds or Bounds()
        self._heads: dict[str, tuple[str, str, int]] = {}  # place -> msgid, sender, part
        self._holes: set[str] = set()
        self._waiting: list[_Seen] = []
        self._writing: asyncio.Task[None] | None = None
        self._written = 0
        self._lost = False
        """Whether something that was seen could not be written."""

    async def begin(self, now: int) -> None:
        """Let go of what is too old, and find out where we were."""
        await self._database.write(lambda db: writing.prune(db, self._bounds, now))
        self._heads = await self._database.read(lambda db: _heads(db, self._seat))

    def see(self, event: Event) -> None:
        """Keep an event, if it is one to keep, a little later."""
        row = row_of(event)
        if row is not None:
            self._add(self._in_parts(row))
        elif isinstance(event, Edited | Redacted | Reacted | RoomRenamed):
            self._add(event)

    def said(self, message: Message) -> None:
        """Keep what we said ourselves."""
        row = row_of(message, ours=True)
        assert row is not None
        self._add(row)

    def missing(self) -> None:
        """Hear that before what comes next, wherever that is, something is missing."""
        self._add(_Hole(None))

    def missing_in(self, places: Iterable[str]) -> None:
        """Hear that before what comes next in these places something is missing."""
        self._add(_Hole(frozenset(map(fold, places))))

    async def settled(self) -> None:
        """Wait until all that was seen is written."""
        while self._writing is not None:
            await asyncio.shield(self._writing)

    async def fill(self, line: int, page: Sequence[Message]) -> None:
        """Put what the server has told in front of a line (its id), oldest first.

        An empty page: there is nothing before it.
        """
        await self.settled()
        rows = _parted(page)
        await self._database.write(lambda db: writing.put_before(db, line, rows))

    # --- from here to the disk

    def _in_parts(self, row: Row) -> Row:
        """The row; one that goes on with the message before it bears its name."""
        head = self._heads.get(row.folded)
        if row.msgid:
            self._heads[row.folded] = (row.msgid, row.sender, 0)
        elif head is not None and head[1] == row.sender and row.kind in TALK:
            msgid, sender, part = head
            self._heads[row.folded] = (msgid, sender, part + 1)
            return replace(row, msgid=msgid, part=part + 1)
        elif row.kind in TALK:
            self._heads.pop(row.folded, None)
        return row

    def _add(self, one: _Seen) -> None:
        self._waiting.append(one)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                gone = await self._database.write(partial(self._keep, batch=batch))
                self._lost = False
                if gone:  # from the file, and is still in its write-ahead log
                    await self._database.read(_empty_the_wal)
        except CannotKeep as error:
            self._lost = True
            self._troubled(error)
        finally:
            self._writing = None

    def _keep(self, db: sqlite3.Connection, batch: Iterable[_Seen]) -> bool:
        """Write it; whether text is gone by it."""
        gone = False
        if self._lost:
            self._holes |= _all_places(db)
        for one in batch:
            match one:
                case Row():
                    self._keep_line(db, one)
                case _Hole(places):
                    self._holes |= _all_places(db) if places is None else places
                case RoomRenamed(_, was, room):
                    writing.rename(db, was, room)
                case _:
                    gone = changes.apply(db, one) or gone
        if gone:
            changes.scrub(db)
        if self._written >= PRUNE_EVERY:
            self._written = 0
            (latest,) = db.execute("SELECT max(time) FROM lines").fetchone()
            writing.prune(db, self._bounds, latest)
        return gone

    def _keep_line(self, db: sqlite3.Connection, row: Row) -> None:
        place = writing.place_id(db, row.place, 0 if row.is_room else self._seat)
        hole = row.folded in self._holes or _is_first(db, place)
        self._holes.discard(row.folded)
        self._written += writing.append(db, place, row, hole=hole)


def _all_places(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT folded FROM places")}


def _is_first(db: sqlite3.Connection, place: int) -> bool:
    return db.execute("SELECT 1 FROM lines WHERE place_id = ?", (place,)).fetchone() is None


def _heads(db: sqlite3.Connection, seat: int) -> dict[str, tuple[str, str, int]]:
    """The last message of each place, of which more lines may come."""
    found = db.execute(
        "SELECT p.folded, l.msgid, l.sender, l.part FROM places AS p JOIN lines AS l ON l.id ="
        " (SELECT id FROM lines WHERE place_id = p.id AND kind IN ('message', 'notice')"
        " AND NOT ours ORDER BY time DESC, rank DESC LIMIT 1)"
        " WHERE l.msgid <> '' AND p.seat IN (0, ?)",
        (seat,),
    )
    return {folded: (msgid, sender, part) for folded, msgid, sender, part in found}


def _empty_the_wal(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _parted(page: Iterable[Message]) -> list[Row]:
    """The rows of a page, each line of a message with its name and number."""
    rows: list[Row] = []
    for message in page:
        row = row_of(message)
        assert row is not None
        last = rows[-1] if rows else None
        if last is not None and last.msgid and not row.msgid and last.sender == row.sender:
            row = replace(row, msgid=last.msgid, part=last.part + 1)
        rows.append(row)
    return rows
