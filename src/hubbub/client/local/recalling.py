"""What of the log a connection must know, so that it fetches what is missing and shows none twice.

Owns the way from lines that are kept to the `Memory` of a connection: how far we have heard in each
place, and which messages were seen; and for classic servers, which have no names for messages, the
last lines themselves. Its user is `notebook`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.client.irc.memory import Place
from hubbub.client.shown import LIMIT as SHOWN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from hubbub.client.irc.memory import Memory

RECENT: Final = 500
"""Lines of each place that may come again: what is fetched begins with the last two messages, and
bouncers tell some hundreds."""


def recall(db: sqlite3.Connection, seat: int, inside: Mapping[str, str], memory: Memory) -> None:
    """Put into `memory` how far we have heard, in the rooms we are in and from people."""
    places = db.execute(
        "SELECT id, folded, name, seat = 0 FROM places WHERE seat IN (0, ?)", (seat,)
    ).fetchall()
    for number, folded, name, is_room in places:
        (latest,) = db.execute(
            "SELECT max(time) FROM lines WHERE place_id = ?", (number,)
        ).fetchone()
        if latest is None or not folded or (is_room and folded not in inside):
            continue
        msgids = db.execute(
            "SELECT msgid FROM lines WHERE place_id = ? AND msgid <> '' AND part = 0"
            " ORDER BY time DESC, rank DESC LIMIT 2",
            (number,),
        ).fetchall()
        last, before = ([one for (one,) in msgids] + ["", ""])[:2]
        memory.places[folded] = Place(name, bool(is_room), last, before, latest)
        memory.latest = max(memory.latest, latest)
    _recall_seen(db, [number for number, *_ in places], memory)


def recent_lines(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """The last lines of the room of a classic server: who ("" for us) and what, oldest first."""
    lines = db.execute(
        "SELECT iif(l.ours, '', l.sender), l.text FROM lines AS l JOIN places AS p"
        " ON p.id = l.place_id WHERE p.folded = '' AND l.kind = 'message'"
        " ORDER BY l.time DESC, l.rank DESC LIMIT ?",
        (2 * SHOWN,),
    ).fetchall()
    return lines[::-1]


def _recall_seen(db: sqlite3.Connection, places: Iterable[int], memory: Memory) -> None:
    for place in places:
        lines = db.execute(
            "SELECT msgid, part, ours FROM lines WHERE place_id = ? AND msgid <> ''"
            " ORDER BY time DESC, rank DESC LIMIT ?",
            (place, RECENT),
        ).fetchall()
        for msgid, part, ours in reversed(lines):
            if ours:
                memory.seen.ours(msgid)
            else:
                memory.seen.known(msgid, part + 1)
