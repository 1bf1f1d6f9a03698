"""Reading: what the archive answers, as queries on a connection in a transaction.

Knows the schema and the core's records, neither threads nor the loop. Next: `sqlite`, which
runs these on its readers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects import sqlite

from hubbub.core.events import SAID, TALK, Entry, EntryKind
from hubbub.core.history import AFTER_ALL, BEFORE_ALL, PLAYED
from hubbub.core.names import fold
from hubbub.core.ports import Found, RoomRow
from hubbub.core.rooms import RoomKind
from hubbub.core.world import direct_name
from hubbub.store import metadata, roomstate
from hubbub.store.schema import bans, entries, messages, roles, rooms, sends

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection, Row, Select

TALK_KINDS: Final = tuple(sorted(str(kind) for kind in TALK))
SAID_KINDS: Final = tuple(sorted(str(kind) for kind in SAID))
_KINDS: Final = {str(kind): kind for kind in EntryKind}
PLAYED_KINDS: Final = tuple(sorted(str(kind) for kind in PLAYED))

current_text = func.coalesce(messages.c.text, entries.c.text).label("text")
"""What a message says now: only edited and redacted ones have a row in `messages`."""

_ENTRY_FIELDS: Final = (
    entries.c.room_id,
    entries.c.kind,
    entries.c.msgid,
    entries.c.person_id,
    entries.c.nick_as_shown,
    entries.c.account,
    entries.c.target_msgid,
    entries.c.extra,
    entries.c.seq,
    entries.c.time,
    func.coalesce(messages.c.edited, 0).label("edited"),
)
_ROOM_FIELDS: Final = (
    rooms.c.id,
    rooms.c.name,
    rooms.c.folded,
    rooms.c.kind,
    rooms.c.last_seq,
    rooms.c.last_time,
    rooms.c.created,
)


class Cursor(NamedTuple):
    """Where a page ended: the next entry stands after this seq of this room, or in a later one."""

    folded: str
    room_id: int
    seq: int


def entry_of(row: Row[Any]) -> Entry:
    """The entry that a row begins with: the entry fields and the text, in this order.

    By place: by name each field takes as long as reading it from the disk.
    """
    fields: Any = row[:12]
    room_id, kind, msgid, person_id, nick, account, target, extra, seq, time, edited, text = fields
    return Entry(
        room_id,
        _KINDS[kind],
        msgid,
        person_id,
        nick,
        text,
        account,
        target,
        extra,
        seq,
        time,
        edited,
    )


def room(connection: Connection, folded: str) -> RoomRow | None:
    """The room of that folded name."""
    row = connection.execute(select(*_ROOM_FIELDS).where(rooms.c.folded == folded)).first()
    if row is None:
        return None
    found = RoomRow(*row, metadata=metadata.find(connection, row.id))
    state = connection.scalar(select(rooms.c.state).where(rooms.c.id == found.id))
    if state is None:  # nobody has changed anything there
        return found
    listed = select(bans).where(bans.c.room_id == found.id).order_by(bans.c.time, bans.c.mask)
    held = select(roles).where(roles.c.room_id == found.id)
    return replace(
        found,
        settings=roomstate.settings(state, connection.execute(listed)),
        roles=roomstate.roles(connection.execute(held)),
    )


def direct_room(connection: Connection, one: int, other: int) -> RoomRow | None:
    """The conversation of two persons, which is named by their ids."""
    return room(connection, fold(direct_name(one, other)))


class Span(NamedTuple):
    """The entries of a room with `after` < seq < `before`, talk alone or all that is played."""

    room_id: int
    after: int | None = None
    before: int | None = None
    events: bool = False


class _Page(NamedTuple):
    """A statement that reads a page of a span, with the values that do not change."""

    text: str
    names: tuple[str, ...]
    given: dict[str, Any]

    def read(self, connection: Connection, span: Span, limit: int) -> list[Entry]:
        """The entries, in the order of the statement."""
        values = self.given | {
            "room": span.room_id,
            # Nothing stands after all, nor is there a number for it.
            "since": BEFORE_ALL if span.after is None else min(span.after, AFTER_ALL - 1) + 1,
            "before": AFTER_ALL if span.before is None else span.before,
            "limit": limit,
        }
        rows = connection.exec_driver_sql(self.text, tuple(values[name] for name in self.names))
        return [entry_of(row) for row in rows.all()]


def latest(connection: Connection, span: Span, limit: int) -> list[Entry]:
    """The last `limit` messages of a span, current texts, oldest first."""
    return _LATEST[span.events].read(connection, span, limit)[::-1]


def earliest(connection: Connection, span: Span, limit: int) -> list[Entry]:
    """The first `limit` messages of a span."""
    return _EARLIEST[span.events].read(connection, span, limit)


def message(connection: Connection, room_id: int, msgid: str) -> Entry | None:
    """What somebody said or sent in a room, if it was not taken away."""
    wanted = _current().where(
        entries.c.msgid == msgid, entries.c.room_id == room_id, entries.c.kind.in_(SAID_KINDS)
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else entry_of(row)


def sent(connection: Connection, send_id: str) -> Found | None:
    """What was said with a send-once id."""
    wanted = (
        _as_written()
        .add_columns(rooms.c.name)
        .join(sends, sends.c.msgid == entries.c.msgid)
        .join(rooms, rooms.c.id == entries.c.room_id)
        .where(sends.c.send_id == send_id)
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else Found(row.name, entry_of(row))


def page(
    connection: Connection,
    after: Cursor | None,
    *,
    size: int,
    only: str | None = None,
    since: int | None = None,
    conversations: bool = True,
) -> tuple[list[Found], Cursor | None]:
    """Up to `size` entries as they were written, in the order of rooms and seq.

    The cursor is None when nothing comes after. `only` is a folded name; see `Archive.pages`.
    """
    found: list[Found] = []
    among = _rooms(only, conversations=conversations)
    here = after or _next_room(connection, "", among)
    while here is not None:
        name = connection.scalar(select(rooms.c.name).where(rooms.c.id == here.room_id))
        wanted = (
            _as_written()
            .add_columns(messages.c.text.label("now"), messages.c.redacted)
            .where(entries.c.room_id == here.room_id, entries.c.seq > here.seq)
            .order_by(entries.c.seq)
            .limit(size - len(found))
        )
        if since is not None:
            wanted = wanted.where(entries.c.time >= since)
        found += [
            Found(name or here.folded, entry_of(row), now=row.now, redacted=row.redacted or 0)
            for row in connection.execute(wanted)
        ]
        if len(found) == size:
            return found, here._replace(seq=found[-1].entry.seq)
        here = _next_room(connection, here.folded, among)
    return found, None


def _rooms(only: str | None, *, conversations: bool) -> Select[Any]:
    wanted = select(rooms.c.folded, rooms.c.id).order_by(rooms.c.folded)
    if only is not None:  # and what had the name before
        former = (rooms.c.folded >= f"{only} ", rooms.c.folded < f"{only}!")
        wanted = wanted.where(or_(rooms.c.folded == only, and_(*former)))
    if not conversations:
        wanted = wanted.where(rooms.c.kind != str(RoomKind.DIRECT))
    return wanted


def _next_room(connection: Connection, after: str, among: Select[Any]) -> Cursor | None:
    row = connection.execute(among.where(rooms.c.folded > after).limit(1)).first()
    return Cursor(row.folded, row.id, BEFORE_ALL) if row is not None else None


def _as_written() -> Select[Any]:
    return _with_messages(select(*_ENTRY_FIELDS, entries.c.text))


def _current() -> Select[Any]:
    """What is there still, as it is now."""
    return _with_messages(select(*_ENTRY_FIELDS, current_text)).where(messages.c.redacted.is_(None))


def _with_messages(wanted: Select[Any]) -> Select[Any]:
    return wanted.outerjoin(messages, messages.c.entry_id == entries.c.id)


def _page(kinds: Iterable[str], order: ColumnElement[int]) -> _Page:
    """Compiled once: to go through the expression layer takes three times what reading does."""
    wanted = (
        _current()
        .where(
            entries.c.room_id == bindparam("room"),
            entries.c.kind.in_([literal_column(f"'{kind}'") for kind in kinds]),
            entries.c.seq >= bindparam("since"),
            entries.c.seq < bindparam("before"),
        )
        .order_by(order)
        .limit(bindparam("limit"))
        .offset(literal_column("0"))
    )
    compiled = wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    return _Page(str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params))


_LATEST: Final = tuple(_page(kinds, entries.c.seq.desc()) for kinds in (TALK_KINDS, PLAYED_KINDS))
_EARLIEST: Final = tuple(_page(kinds, entries.c.seq) for kinds in (TALK_KINDS, PLAYED_KINDS))
"""Without events, and with them."""
