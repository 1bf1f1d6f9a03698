"""Send-once: how a repeated sending is recognised, whatever keeps the record.

A send-once id is unique by itself for seven days. The same id with the same sender, target and
text is the same message; with another it is a conflict, and neither is stored a second time.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from hubbub.core.ports import Already, Conflict
from hubbub.core.rooms import RoomKind
from hubbub.store.schema import sends
from hubbub.store.statements import FORGET_SENDS

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection

    from hubbub.core.events import Said
    from hubbub.core.ports import Outcome

LIFETIME: Final = 7 * 24 * 3600 * 1000
"""Milliseconds for which an id is remembered."""


def digest(event: Said) -> bytes:
    """What makes two sendings the same: who, where to (and to whom there), how, what."""
    # A person may be called otherwise by now; some of a room are named by how they are addressed.
    some = event.to if event.audience is not None and event.room.kind is RoomKind.ROOM else ""
    who_and_where = f"{event.person_id} {event.room_id} {some}"
    said = f"{who_and_where} {event.kind} {event.text}".encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=16).digest()


def outcome(first: tuple[str, bytes, int], again: bytes) -> Outcome:
    """What becomes of a sending whose id was used: `first` is (msgid, digest, time)."""
    msgid, first_digest, time = first
    return Already(msgid, time) if first_digest == again else Conflict()


def expired(connection: Connection, before: int) -> int:
    """How many ids were used before a moment."""
    wanted = select(func.count()).select_from(sends).where(sends.c.time < before)
    return connection.scalar(wanted) or 0


def forget(connection: sqlite3.Connection, before: int) -> int:
    """Delete some of those, and say how many; the transaction is the caller's."""
    return connection.execute(FORGET_SENDS, (before,)).rowcount
