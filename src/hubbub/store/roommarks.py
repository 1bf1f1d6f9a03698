"""Marks: by what a row of the search index is known to be of a room, or of two who talk alone.

A search in few rooms then reads the index where their rows and its words meet, and not everything
that was said with those words. A mark is short, so two rooms may share one: what is found is
looked at once more in any case. No word of a text begins as a mark does (`text.tokens`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hubbub.text.crockford import crockford

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from hubbub.store.index import Line

MOST_MARKS: Final = 16
"""Rooms that a search asks the index for. Each is one list more to be kept in step with all others:
beyond so many it costs more (measured: 20 ms for 50 rooms) than looking at what is found."""

_LENGTH: Final = 6
"""Characters of a mark: 30 bits of a random number."""

_ROOMS_OF: Final = """
    SELECT e.id, r.id, r.folded FROM entries AS e JOIN rooms AS r ON r.id = e.room_id
    WHERE e.id IN (%s)
"""


def marks(room_id: int, folded: str) -> list[str]:
    """The marks of a room's rows; of a conversation, those of its two persons."""
    if folded.startswith("@"):
        persons = folded[1:].partition(" ")[0]  # of one that has ended more stands behind it
        return [_mark("+", int(person, 16)) for person in persons.split(":")]
    return [_mark("#", room_id)]


def marked(connection: sqlite3.Connection, lines: Sequence[Line]) -> list[Line]:
    """Lines for the index with the marks of their rooms behind their words.

    Without those that were deleted meanwhile.
    """
    known: dict[int, str] = {}
    rooms: dict[int, str] = {}
    query = _ROOMS_OF % ", ".join("?" * len(lines))
    for entry_id, room_id, folded in connection.execute(query, [line.entry_id for line in lines]):
        if room_id not in known:
            known[room_id] = " ".join(marks(room_id, folded))
        rooms[entry_id] = known[room_id]
    return [
        replace(line, tokens=f"{line.tokens} {rooms[line.entry_id]}")
        for line in lines
        if line.entry_id in rooms
    ]


def within(rooms: Iterable[tuple[int, str]]) -> str | None:
    """The FTS5 expression for rows of these rooms (id, folded name), None if it would not help.

    Conversations count as one: those in whom somebody takes part all have their mark.
    """
    alternatives: list[str] = []
    pairs: list[set[str]] = []
    for room_id, folded in rooms:
        of_room = marks(room_id, folded)
        if len(of_room) > 1:
            pairs.append(set(of_room))
        else:
            alternatives.append(_quoted(of_room[0]))
    if pairs:
        everywhere = sorted(set.intersection(*pairs))
        if not everywhere:
            return None
        alternatives.append(f"({' AND '.join(map(_quoted, everywhere))})")
    if not 0 < len(alternatives) <= MOST_MARKS:
        return None
    return " OR ".join(alternatives)


def _mark(sign: str, number: int) -> str:
    return sign + crockford(number, _LENGTH).lower()


def _quoted(mark: str) -> str:
    return f'"{mark}"'
