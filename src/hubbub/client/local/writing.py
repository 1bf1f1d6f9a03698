"""How lines are written: each once, in its place, and no more of them than there may be.

Owns order (`rank`, where two lines are of one millisecond) and holes: a line with `hole` has
something before it that was not seen. Functions run in the database's thread, inside a transaction.
Their user is `log`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hubbub.client.local.changes import is_redacted, scrub
from hubbub.client.local.lines import TALK
from hubbub.text.casefold import fold
from hubbub.text.tokens import index_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from hubbub.client.local.lines import Row

DAY: Final = 24 * 60 * 60 * 1000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept of one server; what is older, or more, is deleted, the oldest first."""

    lines: int = 200_000
    """About 75 MB."""
    days: int = 365


def place_id(db: sqlite3.Connection, name: str, seat: int) -> int:
    """The number of a place, which is made if there was none; `seat` is 0 for rooms."""
    folded = fold(name)
    question = "SELECT id, name FROM places WHERE folded = ? AND seat = ?"
    found = db.execute(question, (folded, seat)).fetchone()
    if found is None:
        done = db.execute(
            "INSERT INTO places (folded, seat, name) VALUES (?, ?, ?)", (folded, seat, name)
        )
        return int(done.lastrowid or 0)
    if found[1] != name:
        db.execute("UPDATE places SET name = ? WHERE id = ?", (name, found[0]))
    return int(found[0])


def append(db: sqlite3.Connection, place: int, row: Row, *, hole: bool) -> bool:
    """Keep a line behind all others of its time; False when it was there."""
    (highest,) = db.execute("SELECT coalesce(max(rank), 0) FROM lines").fetchone()
    return _insert(db, place, row, highest + 1, hole=hole)


def put_before(db: sqlite3.Connection, line: int, rows: Sequence[Row]) -> None:
    """Keep a page that the server told in front of a line (its id), oldest first."""
    found = db.execute("SELECT place_id FROM lines WHERE id = ?", (line,)).fetchone()
    if found is None:
        return  # it was deleted meanwhile, being too old
    (place,) = found
    (lowest,) = db.execute("SELECT coalesce(min(rank), 0) FROM lines").fetchone()
    rank = min(lowest, 0) - len(rows)
    known = [
        (row.msgid, row.part)
        for offset, row in enumerate(rows)
        if not _insert(db, place, row, rank + offset, hole=False)
    ]
    # Each line of the page follows the one before it, and the line we asked from follows them all.
    db.execute("UPDATE lines SET hole = 0 WHERE id = ?", (line,))
    first = [(row.msgid, row.part) for row in rows[:1]]
    db.executemany(
        "UPDATE lines SET hole = 0 WHERE msgid = ? AND part = ? AND place_id = ?",
        [(*one, place) for one in known if one not in first],
    )
    if rows and first[0] not in known:
        db.execute("UPDATE lines SET hole = 1 WHERE rank = ?", (rank,))


def prune(db: sqlite3.Connection, bounds: Bounds, now: int) -> None:
    """Delete what is over the bounds, the oldest first."""
    (count,) = db.execute("SELECT count(*) FROM lines").fetchone()
    old = "SELECT id FROM lines WHERE time < :oldest"
    if count > bounds.lines:
        old += " UNION SELECT * FROM (SELECT id FROM lines ORDER BY time, rank LIMIT :over)"
    values = {"oldest": now - bounds.days * DAY, "over": max(0, count - bounds.lines)}
    gone = db.execute(old, values).fetchall()
    if not gone:
        return
    db.executemany("DELETE FROM words WHERE rowid = ?", gone)
    db.executemany("DELETE FROM lines WHERE id = ?", gone)
    db.execute("DELETE FROM changes WHERE target NOT IN (SELECT msgid FROM lines)")
    for place in db.execute("SELECT id FROM places").fetchall():
        db.execute(
            "UPDATE lines SET hole = 1 WHERE id = (SELECT id FROM lines WHERE place_id = ?"
            " ORDER BY time, rank LIMIT 1)",
            place,
        )
    scrub(db)


def rename(db: sqlite3.Connection, was: str, name: str) -> None:
    """Let a room's lines stand under its new name, with those that stood there."""
    question = "SELECT id FROM places WHERE folded = ? AND seat = 0"
    old = db.execute(question, (fold(was),)).fetchone()
    if old is None or fold(was) == fold(name):
        return
    new = place_id(db, name, 0)
    db.execute("UPDATE OR IGNORE lines SET place_id = ? WHERE place_id = ?", (new, old[0]))
    db.execute("DELETE FROM places WHERE id = ?", old)


def _insert(db: sqlite3.Connection, place: int, row: Row, rank: int, *, hole: bool) -> bool:
    text = "" if row.msgid and is_redacted(db, row.msgid) else row.text
    done = db.execute(
        "INSERT OR IGNORE INTO lines (place_id, time, rank, kind, sender, text, msgid, part, ours,"
        " hole, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(place, row.time, rank, row.kind, row.sender, text, row.msgid, row.part),
            *(row.ours, hole, row.extra_text),
        ),
    )
    if not done.rowcount:
        return False
    if text and row.kind in TALK:
        values = (done.lastrowid, index_text(text))
        db.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", values)
    return True
