"""The outbox on the disk: what was typed and is not said for sure, and what is being typed.

Owns the rows: a text is there from before its first byte leaves until the server has confirmed it,
with the messages that it became and their send-once ids. What was on its way when the program ended
is said again under the same ids, or, where that would say it twice, is told as doubtful. Next:
`hubbub.client.posting`, which leads texts through connections.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from hubbub.client.local.writing import DAY
from hubbub.client.outgoing import IN_DOUBT, Outgoing
from hubbub.client.pieces import Piece, State
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from hubbub.client.local.database import Database

KNOWN_FOR: Final = 6 * DAY
"""Milliseconds for which an id is sure to be known: servers keep them for seven days at least
(docs/protocols/irc.md), and clocks differ."""


class Outbox:
    """What one seat has to say. A `Keeper`; every method raises `CannotKeep`."""

    def __init__(
        self, database: Database, seat: int, logged: Callable[[], Awaitable[None]]
    ) -> None:
        """`logged` waits until what was said is in the log; only then it is dropped here."""
        self._database = database
        self._seat = seat
        self._logged = logged

    async def keep(self, item: Outgoing) -> None:
        """Keep a text as it is now; it is on the disk when this returns."""
        values = {
            "key": item.key,
            "seat": self._seat,
            "time": item.time,
            "target": item.to,
            "text": item.text,
            "action": item.action,
            "reply_to": item.reply_to,
            "named": item.named,
            "pieces": _written(item),
        }
        await self._database.write(lambda db: db.execute(_KEEP, values))

    async def drop(self, item: Outgoing) -> None:
        """Forget a text."""
        await self._logged()
        await self._database.write(
            lambda db: db.execute("DELETE FROM outbox WHERE key = ?", (item.key,))
        )

    async def unsaid(self, now: int) -> list[Outgoing]:
        """What the last run of the program has left, oldest first."""
        return await self._database.read(
            lambda db: [
                _restored(row, now) for row in db.execute(_UNSAID, (self._seat,)).fetchall()
            ]
        )


_KEEP: Final = """
    INSERT INTO outbox (key, seat, time, target, text, action, reply_to, named, pieces)
    VALUES (:key, :seat, :time, :target, :text, :action, :reply_to, :named, :pieces)
    ON CONFLICT (key) DO UPDATE SET pieces = excluded.pieces
"""
_UNSAID: Final = (
    "SELECT key, text, target, action, reply_to, time, named, pieces FROM outbox"
    " WHERE seat = ? ORDER BY number"
)


class Drafts:
    """What is being typed and was not sent, by place. Methods raise `CannotKeep`."""

    def __init__(self, database: Database, seat: int) -> None:
        self._database = database
        self._seat = seat

    async def put(self, place: str, text: str) -> None:
        """Keep what stands in the box of a place; "" for nothing."""
        folded, seat = fold(place), self._seat

        def write(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM drafts WHERE seat = ? AND folded = ?", (seat, folded))
            if text:
                db.execute("INSERT INTO drafts VALUES (?, ?, ?)", (seat, folded, text))

        await self._database.write(write)

    async def all(self) -> dict[str, str]:
        """All drafts, by place as names are compared (`text.casefold.fold`)."""
        question = "SELECT folded, text FROM drafts WHERE seat = ?"
        return await self._database.read(lambda db: dict(db.execute(question, (self._seat,))))


def _written(item: Outgoing) -> str | None:
    if item.pieces is None:
        return None
    return json.dumps([_kept(piece, under_way=item.under_way) for piece in item.pieces])


def _kept(piece: Piece, *, under_way: bool) -> dict[str, Any]:
    # What is about to be sent is as good as sent: the program may end before it hears more.
    state = State.SENT if under_way and piece.state is State.NEW else piece.state
    return {
        "text": piece.text,
        "to": piece.to,
        "id": piece.id,
        "state": state.value,
        "msgid": piece.msgid,
        "reason": piece.reason,
    }


def _restored(row: tuple[Any, ...], now: int) -> Outgoing:
    key, text, to, action, reply_to, time, named, written = row
    item = Outgoing(key, text, to, bool(action), reply_to, time, bool(named))
    if written is not None:
        item.pieces = [_piece(item, kept, now) for kept in json.loads(written)]
    return item


def _piece(item: Outgoing, kept: dict[str, Any], now: int) -> Piece:
    piece = Piece(
        kept["text"],
        kept["to"],
        kept["id"],
        item.action,
        item.reply_to,
        item.key if item.named else "",
        late=True,
        state=State(kept["state"]),
        msgid=kept["msgid"],
        reason=kept["reason"],
    )
    if piece.state is State.SENT and (not piece.id or item.time < now - KNOWN_FOR):
        piece.state, piece.reason = State.DOUBTFUL, IN_DOUBT
    return piece
