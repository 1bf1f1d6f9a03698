"""Searching: the index for what it holds, a scan for what it has not reached.

Both give candidates, newest first, and the query itself has the last word on the text as it is
now; so results are complete at once, and a message that was edited or redacted since is never
found by words it has no longer. Who may see what is the hub's to know: it comes as a reach.
"""

from __future__ import annotations

import heapq
import sqlite3
import time
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hubbub.core.events import Entry, EntryKind
from hubbub.core.history import BEFORE_ALL
from hubbub.core.ports import Found, TooMuchError
from hubbub.core.rooms import RoomKind
from hubbub.store.connect import open_reader
from hubbub.store.index import first_key
from hubbub.store.reading import TALK_KINDS
from hubbub.store.roommarks import within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from hubbub.core.history import Reach
    from hubbub.store.indexer import Indexer
    from hubbub.text.query import Query

SPELL_SECONDS: Final = 0.005
"""A long scan pauses after so much work, for as long, to let the event loop run."""

PATIENCE: Final = 10.0
"""Seconds that a search takes at most for somebody with a reach, who is one of many that wait."""

STEPS: Final = 100_000
"""Instructions of SQLite, about a millisecond, after which it looks at the clock."""

_KINDS: Final = ", ".join(f"'{kind}'" for kind in TALK_KINDS)
_FIELDS: Final = """
    e.id, r.name, e.room_id, e.kind, e.msgid, e.person_id, e.nick_as_shown,
    coalesce(m.text, e.text), e.account, e.target_msgid, e.extra, e.seq, e.time,
    coalesce(m.edited, 0)
"""
# A room that has ended has more behind the name that it had.
_NAME: Final = "substr(r.folded, 1, instr(r.folded || ' ', ' ') - 1)"
# A cross join keeps its order: messages first, each with its room. Else a few rooms would come
# first, and for each of them the index be read anew, or all that was ever said there.
_JOINS: Final = """
    CROSS JOIN rooms AS r ON r.id = e.room_id
    LEFT JOIN messages AS m ON m.entry_id = e.id
"""
# Made of the words of this file alone; what people ask for is always a parameter.
_INDEXED: Final = f"""
    SELECT {_FIELDS} FROM found.words AS w
    CROSS JOIN entries AS e ON e.id = w.entry_id {_JOINS}
    WHERE m.redacted IS NULL AND %s ORDER BY w.rowid %s
"""  # noqa: S608
_UNINDEXED: Final = f"""
    SELECT {_FIELDS} FROM entries AS e {_JOINS} WHERE e.id > ? AND e.kind IN ({_KINDS})
    AND m.redacted IS NULL%s
"""  # noqa: S608
# What the index has in words that it says no longer: edits are entries that it has not reached.
_REWORDED: Final = f"""
    SELECT {_FIELDS} FROM (
        SELECT DISTINCT target_msgid FROM entries WHERE id > ? AND kind = '{EntryKind.EDIT}'
    ) AS edit CROSS JOIN entries AS e ON e.msgid = edit.target_msgid {_JOINS}
    WHERE e.id <= ? AND m.redacted IS NULL%s
"""  # noqa: S608


class Wanted(NamedTuple):
    """What a search is for, see `Archive.search`."""

    query: Query
    limit: int
    conversations: bool = True
    reach: Reach | None = None
    earliest: bool = False


def search(database: Path, indexer: Indexer, wanted: Wanted) -> list[Found]:
    """The messages that match, in their order. Raises `sqlite3.Error`; `TooMuchError`."""
    with indexer.borrow() as index:
        if index is not None:
            try:
                return _search(database, index, wanted)
            except sqlite3.DatabaseError:
                # Which of the two files is damaged shows below.
                indexer.distrust()
    return _search(database, None, wanted)


def _search(database: Path, index: Path | None, wanted: Wanted) -> list[Found]:
    connection = open_reader(database)
    if wanted.reach is not None:
        give_up = time.monotonic() + PATIENCE
        connection.set_progress_handler(lambda: time.monotonic() > give_up, STEPS)
    try:
        if index is not None:
            # As a URI: a plain name would make an empty file when the index is gone.
            connection.execute("ATTACH ? AS found", (f"{index.absolute().as_uri()}?mode=rw",))
        connection.execute("BEGIN")
        return _found(connection, wanted, indexed=index is not None)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            raise TooMuchError(f"a search took more than {PATIENCE:.0f} seconds") from None
        raise
    finally:
        connection.close()


def _found(connection: sqlite3.Connection, wanted: Wanted, *, indexed: bool) -> list[Found]:
    limit, earliest = wanted.limit, wanted.earliest
    watermark = 0
    hits: dict[tuple[int, int], Found] = {}
    if indexed:
        # Read first: what the index holds is then settled, and the entries can only be more.
        row = connection.execute("SELECT value FROM found.state WHERE key = 'entry_id'").fetchone()
        watermark = int(row[0])
        conditions, values = _index_conditions(connection, wanted)
        order = "ASC" if earliest else "DESC"
        rows = connection.execute(_INDEXED % (conditions, order), values)
        for when, found in _matching(wanted, _gently(rows)):
            hits[when] = found
            if len(hits) == limit:
                break
    conditions, values = _entry_conditions(wanted)
    tail: Iterable[tuple[Any, ...]]
    tail = connection.execute(_UNINDEXED % conditions, [watermark, *values])
    if watermark:
        reworded = connection.execute(_REWORDED % conditions, [watermark, watermark, *values])
        tail = chain(tail, reworded)
    choose = heapq.nsmallest if earliest else heapq.nlargest
    hits |= dict(choose(limit, _matching(wanted, _gently(tail)), key=itemgetter(0)))
    ordered = sorted(hits.items(), key=itemgetter(0), reverse=not earliest)
    return [found for _, found in ordered[:limit]]


def _index_conditions(connection: sqlite3.Connection, wanted: Wanted) -> tuple[str, list[object]]:
    query = wanted.query
    conditions, values = _entry_conditions(wanted)
    expressions = [query.fts(), *_places(connection, wanted)]
    if any(expressions):
        conditions += " AND w.words MATCH ?"
        values.append(" AND ".join(f"({one})" for one in expressions if one))
    # The index is in the order of time: these two cut it, the same on the entries only filter.
    if query.after is not None:
        conditions += " AND w.rowid >= ?"
        values.append(first_key(query.after))
    if query.before is not None:
        conditions += " AND w.rowid < ?"
        values.append(first_key(query.before))
    return f"1{conditions}", values


def _places(connection: sqlite3.Connection, wanted: Wanted) -> Iterator[str | None]:
    """What the index knows of the rooms that are asked for, and of those that may be read."""
    for column, given in (
        (_NAME, wanted.query.rooms),
        ("r.id", wanted.reach.rooms if wanted.reach is not None else ()),
    ):
        if given:
            named = ", ".join("?" * len(given))
            query = f"SELECT r.id, r.folded FROM rooms AS r WHERE {column} IN ({named})"  # noqa: S608
            yield within(connection.execute(query, list(given)))


def _entry_conditions(wanted: Wanted) -> tuple[str, list[object]]:
    query = wanted.query
    conditions = "" if wanted.conversations else f" AND r.kind <> '{RoomKind.DIRECT}'"
    values: list[object] = []
    for name, given in (
        (_NAME, query.rooms),
        # NOCASE folds A-Z alone, and nicks are in NFC since they arrived: the same as `fold`,
        # without a call into Python, and its lock, for each row.
        ("e.nick_as_shown COLLATE NOCASE", query.senders),
    ):
        if given:
            conditions += f" AND {name} IN ({', '.join('?' * len(given))})"
            values += given
    if wanted.reach is not None:
        readable, after = _within(wanted.reach)
        conditions += f" AND {readable}"
        values += after
    if query.after is not None:
        conditions += " AND e.time >= ?"
        values.append(query.after)
    if query.before is not None:
        conditions += " AND e.time < ?"
        values.append(query.before)
    return conditions, values


def _within(reach: Reach) -> tuple[str, list[object]]:
    """The rooms of a reach: of most all may be read, of some what stands after a seq."""
    whole = [room for room, after in reach.rooms.items() if after == BEFORE_ALL]
    parts = [(room, after) for room, after in reach.rooms.items() if after != BEFORE_ALL]
    # The plus keeps SQLite from reading each of these rooms from its beginning.
    readable = [f"+e.room_id IN ({', '.join('?' * len(whole))})"]
    readable += ["(+e.room_id = ? AND e.seq > ?)"] * len(parts)
    return f"({' OR '.join(readable)})", [*whole, *chain.from_iterable(parts)]


def _matching(
    wanted: Wanted, rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[tuple[int, int], Found]]:
    query, reach = wanted.query, wanted.reach
    for entry_id, room, room_id, kind, msgid, person_id, nick, text, *rest in rows:
        account, target, extra, seq, sent, edited = rest
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
                edited=edited,
            )
            if reach is None or reach.holds(entry):
                yield (sent, entry_id), Found(room, entry)


def _gently(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    started = time.thread_time()
    for row in rows:
        yield row
        if time.thread_time() - started > SPELL_SECONDS:
            time.sleep(SPELL_SECONDS)
            started = time.thread_time()
