"""Reading what is kept: pages of a conversation, what stands around a message, and search.

Owns the cursor (`Mark`) and that a page ends where something is missing, so that whoever reads on
asks the server first (`Notebook.earlier`). What comes out are the events that went in. Next: `log`,
which writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hubbub.client.events import Edited, Message, Reacted, Redacted
from hubbub.client.local import changes
from hubbub.client.local.lines import Line, Row, event_of
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from hubbub.client.local.database import Database
    from hubbub.text.query import Query

PAGE: Final = 100

Told: TypeAlias = Line | Edited | Reacted | Redacted
"""What a page consists of: lines, each followed by what happened to it."""

_FIELDS: Final = (
    "l.id, l.rank, l.hole, p.name, l.time, l.kind, l.sender, l.text, l.msgid, l.part, l.ours,"
    " p.seat = 0, l.extra"
)
_LINES: Final = f"SELECT {_FIELDS} FROM lines AS l JOIN places AS p ON p.id = l.place_id"  # noqa: S608
_FOUND: Final = (
    f"SELECT {_FIELDS} FROM words AS w JOIN lines AS l ON l.id = w.rowid"  # noqa: S608
    " JOIN places AS p ON p.id = l.place_id WHERE w.tokens MATCH ? AND p.seat IN (0, ?)"
)
_HERE: Final = "p.folded = ? AND p.seat IN (0, ?)"
_NEWEST: Final = " ORDER BY l.time DESC, l.rank DESC"


@dataclass(frozen=True, slots=True)
class Mark:
    """A line's place in its conversation; marks are in the order of lines."""

    time: int
    rank: int
    line: int
    msgid: str = ""
    """Of the message, if it has one; what a server is asked by."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a conversation, oldest first. `first` and `last` are None when it is empty."""

    events: tuple[Told, ...] = ()
    first: Mark | None = None
    last: Mark | None = None
    hole: bool = False
    """Whether what came before the page was not seen: a server may know it."""
    more: bool = False
    """Whether there is more in this direction that is kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """A room, or a person, with whom something is kept."""

    name: str
    is_room: bool
    latest: int
    """When something was said there last, in milliseconds."""


class Pages:
    """Reads what one server's log holds. Methods raise `CannotKeep`."""

    def __init__(self, database: Database, seat: int) -> None:
        self._database = database
        self._seat = seat

    async def places(self) -> list[Place]:
        """The conversations that are kept, the latest first."""
        return await self._database.read(lambda db: _places(db, self._seat))

    async def before(self, place: str, mark: Mark | None = None, limit: int = PAGE) -> Page:
        """What was said before a mark, or the latest; up to where something is missing."""
        return await self._database.read(
            lambda db: _before(db, (fold(place), self._seat), mark, limit)
        )

    async def after(self, place: str, mark: Mark, limit: int = PAGE) -> Page:
        """What was said after a mark; up to where something is missing (`hole`)."""
        return await self._database.read(
            lambda db: _after(db, (fold(place), self._seat), mark, limit)
        )

    async def mark_of(self, msgid: str) -> tuple[str, Mark] | None:
        """Where a message stands, and in which conversation; None if it is not kept."""
        return await self._database.read(lambda db: _mark_of(db, self._seat, msgid))

    async def around(self, msgid: str, limit: int = PAGE) -> Page:
        """The page that a message is in the middle of; empty if it is not kept."""
        found = await self.mark_of(msgid)
        if found is None:
            return Page()
        place, mark = found
        upto = replace(mark, rank=mark.rank + 1)
        earlier = await self.before(place, upto, limit // 2 + 1)
        later = await self.after(place, mark, limit // 2)
        events = (*earlier.events, *later.events)
        return Page(events, earlier.first, later.last or mark, earlier.hole, later.more)

    async def search(self, query: Query, limit: int = PAGE) -> list[Message]:
        """The messages that match, oldest first, by the grammar of `hubbub.text.query`."""
        return await self._database.read(lambda db: _search(db, self._seat, query, limit))


def read_row(fields: Sequence[Any]) -> tuple[Mark, bool, Row]:
    """Where a line stands, whether something is missing before it, and the line."""
    line, rank, hole, place, time, kind, sender, text, msgid, part, ours, is_room, extra = fields
    row = Row(
        *(place, time, kind, sender, text, msgid, part, bool(ours), bool(is_room)),
        json.loads(extra),
    )
    return Mark(time, rank, line, msgid), bool(hole), row


def _places(db: sqlite3.Connection, seat: int) -> list[Place]:
    found = db.execute(
        "SELECT p.name, p.seat = 0, max(l.time) FROM places AS p JOIN lines AS l"
        " ON l.place_id = p.id WHERE p.seat IN (0, ?) GROUP BY p.id ORDER BY 3 DESC",
        (seat,),
    )
    return [Place(name, bool(is_room), latest) for name, is_room, latest in found]


def _before(db: sqlite3.Connection, place: tuple[str, int], mark: Mark | None, limit: int) -> Page:
    at = (mark.time, mark.rank) if mark is not None else (1 << 62, 0)
    rows = db.execute(
        f"{_LINES} WHERE {_HERE} AND (l.time, l.rank) < (?, ?){_NEWEST} LIMIT ?",
        (*place, *at, limit + 1),
    ).fetchall()
    if (
        mark is not None
        and db.execute("SELECT 1 FROM lines WHERE id = ? AND hole", (mark.line,)).fetchone()
    ):
        return Page(hole=True, more=bool(rows))
    found: list[tuple[Mark, bool, Row]] = []
    for one in rows[:limit]:
        found.append(read_row(one))
        if found[-1][1]:
            break
    found.reverse()
    more = len(rows) > len(found)
    return _page(db, found, hole=bool(found) and found[0][1], more=more)


def _after(db: sqlite3.Connection, place: tuple[str, int], mark: Mark, limit: int) -> Page:
    rows = db.execute(
        f"{_LINES} WHERE {_HERE} AND (l.time, l.rank) > (?, ?) ORDER BY l.time, l.rank LIMIT ?",
        (*place, mark.time, mark.rank, limit + 1),
    ).fetchall()
    found: list[tuple[Mark, bool, Row]] = []
    for one in rows[:limit]:
        line = read_row(one)
        if line[1]:
            return _page(db, found, hole=True, more=True)
        found.append(line)
    return _page(db, found, hole=False, more=len(rows) > len(found))


def _page(
    db: sqlite3.Connection, found: Sequence[tuple[Mark, bool, Row]], *, hole: bool, more: bool
) -> Page:
    if not found:
        return Page(hole=hole, more=more)
    events = tuple(_told(db, [row for _, _, row in found]))
    return Page(events, found[0][0], found[-1][0], hole, more)


def _told(db: sqlite3.Connection, rows: Sequence[Row]) -> Iterator[Told]:
    happened = changes.of(db, (row.msgid for row in rows if row.msgid and not row.part))
    for row in rows:
        yield event_of(row)
        if not row.part:
            for change in happened.get(row.msgid, ()):
                yield replace(change, room=row.place)


def _mark_of(db: sqlite3.Connection, seat: int, msgid: str) -> tuple[str, Mark] | None:
    question = f"{_LINES} WHERE l.msgid = ? AND l.part = 0 AND p.seat IN (0, ?)"
    found = db.execute(question, (msgid, seat)).fetchone()
    if found is None:
        return None
    mark, _, row = read_row(found)
    return row.place, mark


def _search(db: sqlite3.Connection, seat: int, query: Query, limit: int) -> list[Message]:
    expression = query.fts()
    if expression is not None:
        rows = db.execute(_FOUND + _NEWEST, (expression, seat))
    else:
        question = f"{_LINES} WHERE l.kind = 'message' AND p.seat IN (0, ?){_NEWEST}"
        rows = db.execute(question, (seat,))
    found: list[Message] = []
    for fields in rows:
        event = event_of(read_row(fields)[2])
        # The words of the index are candidates; the query itself has the last word.
        if (
            isinstance(event, Message)
            and event.text
            and query.matches(
                text=event.text, sender=event.sender, room=event.room, time=event.time
            )
        ):
            found.append(event)
            if len(found) == limit:
                break
    rows.close()
    found.reverse()
    return found
