"""What happened to a message after it was said, as far as it is kept: edits, reactions, redactions.

Owns the `changes` table, and that what was edited away or taken away is nowhere in the file any
more: not in the line, not among the search words. Functions run in the database's thread, inside a
transaction. Their user is `log`; `pages` tells of them when it reads.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from hubbub.client.events import Edited, Reacted, Redacted
from hubbub.text.tokens import index_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


Change: TypeAlias = Edited | Reacted | Redacted


def apply(db: sqlite3.Connection, event: Change) -> bool:
    """Do to what is kept what was done to the message; whether text is gone (see `scrub`)."""
    match event:
        case Redacted():
            return _redact(db, event)
        case Edited():
            return _edit(db, event)
        case Reacted():
            _react(db, event)
            return False


def is_redacted(db: sqlite3.Connection, target: str) -> bool:
    """Whether that message was taken away."""
    question = "SELECT 1 FROM changes WHERE target = ? AND kind = 'redacted'"
    return db.execute(question, (target,)).fetchone() is not None


def scrub(db: sqlite3.Connection) -> None:
    """Write the search words anew without those that were deleted, which are only marked."""
    db.execute("INSERT INTO words (words) VALUES ('optimize')")


def of(db: sqlite3.Connection, targets: Iterable[str]) -> dict[str, list[Change]]:
    """What happened to each of these messages, in order; the room is left to the caller."""
    found: dict[str, list[Change]] = {}
    rows = db.execute(
        "SELECT target, kind, time, name, text, msgid FROM changes"
        " WHERE target IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(targets)),),
    )
    for target, kind, time, name, text, msgid in rows:
        change: Change
        match kind:
            case "redacted":
                change = Redacted(time, name, "", target, text, replayed=True)
            case "edited":
                change = Edited(time, name, "", target, text, msgid, replayed=True)
            case _:
                change = Reacted(time, name, "", target, text, msgid=msgid, replayed=True)
        found.setdefault(target, []).append(change)
    return found


def _redact(db: sqlite3.Connection, event: Redacted) -> bool:
    # It may have been a reaction.
    db.execute("DELETE FROM changes WHERE msgid = ?", (event.target,))
    lines = db.execute("SELECT id FROM lines WHERE msgid = ?", (event.target,)).fetchall()
    db.executemany("DELETE FROM words WHERE rowid = ?", lines)
    db.execute("DELETE FROM lines WHERE msgid = ? AND part > 0", (event.target,))
    db.execute("UPDATE lines SET text = '', extra = '{}' WHERE msgid = ?", (event.target,))
    db.execute("DELETE FROM changes WHERE target = ?", (event.target,))
    # Kept where the message is not, too: it may be on its way from a page further back.
    _keep(db, "redacted", event, event.reason)
    return bool(lines)


def _edit(db: sqlite3.Connection, event: Edited) -> bool:
    if is_redacted(db, event.target):
        return False
    question = "SELECT id FROM lines WHERE msgid = ? ORDER BY part"
    lines = db.execute(question, (event.target,)).fetchall()
    db.executemany("DELETE FROM words WHERE rowid = ?", lines)
    db.execute("DELETE FROM lines WHERE msgid = ? AND part > 0", (event.target,))
    db.execute("UPDATE lines SET text = ? WHERE msgid = ?", (event.text, event.target))
    for (first,) in lines[:1]:
        values = (first, index_text(event.text))
        db.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", values)
    db.execute("DELETE FROM changes WHERE target = ? AND kind = 'edited'", (event.target,))
    _keep(db, "edited", event, event.text)
    return bool(lines)


def _react(db: sqlite3.Connection, event: Reacted) -> None:
    if not event.on:
        db.execute(
            "DELETE FROM changes WHERE target = ? AND kind = 'reacted' AND name = ? AND text = ?",
            (event.target, event.name, event.text),
        )
    elif not is_redacted(db, event.target):
        _keep(db, "reacted", event, event.text)


def _keep(db: sqlite3.Connection, kind: str, event: Change, text: str) -> None:
    msgid = "" if isinstance(event, Redacted) else event.msgid
    db.execute(
        "INSERT OR IGNORE INTO changes (target, kind, time, name, text, msgid)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (event.target, kind, event.time, event.name, text, msgid),
    )
