"""Searching: the index for what it holds, a scan for what it has not reached.

Both give candidates, newest first, and the query itself has the last word on the text as it is
now; so results are complete at once, and a message that was edited or redacted since is never
found by words it has no longer. Who may see what is the hub's to know.
"""

from __future__ import annotations

import heapq
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hubbub.core.events import Entry, EntryKind
from hubbub.core.ports import Found
from hubbub.core.rooms import RoomKind
from hubbub.store.connect import open_reader
from hubbub.store.index import first_key
from hubbub.store.reading import TALK_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from hubbub.store.indexer import Indexer
    from hubbub.text.query import Query

SPELL_SECONDS: Final = 0.005
"""A long scan pauses after so much work, for as long, to let the event loop run."""

_KINDS: Final = ", ".join(f"'{kind}'" for kind in TALK_KINDS)
_FIELDS: Final = """
    e.id, r.name, e.room_id, e.kind, e.msgid, e.person_id, e.nick_as_shown,
    coalesce(m.text, e.text), e.account, e.target_msgid, e.extra, e.seq, e.time
"""
_JOINS: Final = """
    JOIN rooms AS r ON r.id = e.room_id
    LEFT JOIN messages AS m ON m.entry_id = e.id
"""
# Made of the words of this file alone; what people ask for is always a parameter.
_INDEXED: Final = f"""
    SELECT {_FIELDS} FROM found.words AS w
    CROSS JOIN entries AS e ON e.id = w.entry_id {_JOINS}
    WHERE %s ORDER BY w.rowid DESC
"""  # noqa: S608
_UNINDEXED: Final = f"""
    SELECT {_FIELDS} FROM entries AS e {_JOINS} WHERE e.id > ? AND e.kind IN ({_KINDS})%s
"""  # noqa: S608


def search(
    database: Path, indexer: Indexer, query: Query, limit: int, *, conversations: bool = True
) -> list[Found]:
    """The last `limit` messages that match, newest first. Raises `sqlite3.Error`."""
    wanted = _Wanted(query, limit, conversations)
    with indexer.borrow() as index:
        if index is not None:
            try:
                return _search(database, index, wanted)
            except sqlite3.DatabaseError:
                # Which of the two files is damaged shows below.
                indexer.distrust()
    return _search(database, None, wanted)


class _Wanted(NamedTuple):
    """What a search is for, see `Archive.search`."""

    query: Query
    limit: int
    conversations: bool


def _search(database: Path, index: Path | None, wanted: _Wanted) -> list[Found]:
    connection = open_reader(database)
    try:
        if index is not None:
            # As a URI: a plain name would make an empty file when the index is gone.
            connection.execute("ATTACH ? AS found", (f"{index.absolute().as_uri()}?mode=rw",))
        connection.execute("BEGIN")
        return _newest(connection, wanted, indexed=index is not None)
    finally:
        connection.close()


def _newest(connection: sqlite3.Connection, wanted: _Wanted, *, indexed: bool) -> list[Found]:
    query, limit = wanted.query, wanted.limit
    watermark = 0
    hits: list[tuple[tuple[int, int], Found]] = []
    if indexed:
        # Read first: what the index holds is then settled, and the entries can only be more.
        row = connection.execute("SELECT value FROM found.state WHERE key = 'entry_id'").fetchone()
        watermark = int(row[0])
        conditions, values = _index_conditions(wanted)
        rows = connection.execute(_INDEXED % conditions, values)
        for hit in _matching(query, _gently(rows)):
            hits.append(hit)
            if len(hits) == limit:
                break
    conditions, values = _entry_conditions(wanted)
    rows = connection.execute(_UNINDEXED % conditions, [watermark, *values])
    hits += heapq.nlargest(limit, _matching(query, _gently(rows)), key=lambda hit: hit[0])
    hits.sort(key=lambda hit: hit[0], reverse=True)
    return [found for _, found in hits[:limit]]


def _index_conditions(wanted: _Wanted) -> tuple[str, list[object]]:
    query = wanted.query
    conditions, values = _entry_conditions(wanted)
    expression = query.fts()
    if expression is not None:
        conditions += " AND w.words MATCH ?"
        values.append(expression)
    # The index is in the order of time: these two cut it, the same on the entries only filter.
    if query.after is not None:
        conditions += " AND w.rowid >= ?"
        values.append(first_key(query.after))
    if query.before is not None:
        conditions += " AND w.rowid < ?"
        values.append(first_key(query.before))
    return f"1{conditions}", values


def _entry_conditions(wanted: _Wanted) -> tuple[str, list[object]]:
    query = wanted.query
    conditions = "" if wanted.conversations else f" AND r.kind <> '{RoomKind.DIRECT}'"
    values: list[object] = []
    for name, given in (
        ("r.folded", query.rooms),
        # NOCASE folds A-Z alone, and nicks are in NFC since they arrived: the same as `fold`,
        # without a call into Python, and its lock, for each row.
        ("e.nick_as_shown COLLATE NOCASE", query.senders),
    ):
        if given:
            conditions += f" AND {name} IN ({', '.join('?' * len(given))})"
            values += given
    if query.after is not None:
        conditions += " AND e.time >= ?"
        values.append(query.after)
    if query.before is not None:
        conditions += " AND e.time < ?"
        values.append(query.before)
    return conditions, values


def _matching(
    query: Query, rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[tuple[int, int], Found]]:
    for entry_id, room, room_id, kind, msgid, person_id, nick, text, *rest in rows:
        account, target, extra, seq, sent = rest
        if query.matches(text=text, sender=nick, room=room, time=sent):
            entry = Entry(
                room_id=room_id,
                kind=EntryKind(kind),
                msgid=msgid,
                person_id=person_id,
                nick=nick,
                text=text,
                account=account,
                target=target,
                extra=extra,
                seq=seq,
                time=sent,
            )
            yield (sent, entry_id), Found(room, entry)


def _gently(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    started = time.thread_time()
    for row in rows:
        yield row
        if time.thread_time() - started > SPELL_SECONDS:
            time.sleep(SPELL_SECONDS)
            started = time.thread_time()
