"""What the writer says, as text: compiled once from the schema, in the order of the tuples.

The writer hands the driver prepared tuples by the thousand; going through the expression layer
for each would cost twice the time, in a thread that shares the interpreter with the event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, func, literal_column, null, or_, select, update
from sqlalchemy.dialects import sqlite

from hubbub.core.events import SAID, EntryKind
from hubbub.core.people import MAX_MARKS
from hubbub.store.schema import (
    audit,
    bans,
    entries,
    marks,
    messages,
    meta,
    people,
    roles,
    rooms,
    said_of,
    sends,
    server_bans,
)

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.sql.expression import ClauseElement

_dialect = sqlite.dialect()

FORGET_AT_ONCE: Final = 200
"""Expired send-once ids, or tokens, that go with one transaction: none waits for a week's worth."""

ENTRY_COLUMNS: Final = (
    "room_id",
    "seq",
    "msgid",
    "time",
    "kind",
    "person_id",
    "nick_as_shown",
    "account",
    "text",
    "target_msgid",
    "extra",
)
ROOM_COLUMNS: Final = ("id", "kind", "name", "folded", "last_seq", "last_time", "created")


def _text(statement: ClauseElement, *parameters: str) -> str:
    """The statement for the driver, whose placeholders must stand in the order of `parameters`."""
    compiled = statement.compile(dialect=_dialect)
    order = getattr(compiled, "positiontup", None)
    if order != list(parameters):
        raise AssertionError(f"placeholders {order} are not {parameters}")
    return str(compiled)


def _insert(table: Table, columns: tuple[str, ...], update_of: tuple[str, ...] = ()) -> str:
    statement = sqlite.insert(table).values({name: bindparam(name) for name in columns})
    if update_of:
        statement = statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: statement.excluded[name] for name in update_of},
        )
    return _text(statement, *columns)


def _param(name: str) -> Any:
    return bindparam(name)


BLOCK: Final = 32
"""Rows that one statement inserts: a quarter less work than a statement for each, and the driver
lets go of the interpreter and asks for it back once for all of them."""

INSERT_ENTRY: Final = _insert(entries, ENTRY_COLUMNS)
_into, _row = INSERT_ENTRY.split(" VALUES ")
INSERT_BLOCK: Final = f"{_into} VALUES {', '.join([_row] * BLOCK)}"
SAVE_PERSON: Final = _insert(people, ("id", "kind", "nick"), update_of=("nick",))
SAVE_TOKEN: Final = _insert(
    people,
    ("id", "kind", "nick", "token_hash", "token_time"),
    update_of=("nick", "token_hash", "token_time"),
)
_expired = (
    select(people.c.id)
    .where(people.c.token_time < _param("oldest"))
    .order_by(people.c.token_time, people.c.id)
    .limit(literal_column(str(FORGET_AT_ONCE)))
    .offset(literal_column("0"))
)
FORGET_TOKENS: Final = _text(
    update(people).where(people.c.id.in_(_expired)).values(token_hash=null(), token_time=null()),
    "oldest",
)
FORGET_MARKS: Final = _text(delete(marks).where(marks.c.person_id.in_(_expired)), "oldest")
_can_come_back = or_(people.c.token_hash.is_not(None), people.c.account.is_not(None))
_mark = sqlite.insert(marks).from_select(
    ["person_id", "target_id", "time"],
    select(people.c.id, _param("target"), _param("time")).where(
        people.c.id == _param("person"), _can_come_back
    ),
)
SAVE_MARK: Final = _text(
    _mark.on_conflict_do_update(
        index_elements=list(marks.primary_key.columns),
        set_={"time": func.max(marks.c.time, _mark.excluded.time)},
    ),
    "target",
    "time",
    "person",
)
_newest_left_out = (
    select(marks.c.time)
    .where(marks.c.person_id == _param("person"))
    .order_by(marks.c.time.desc())
    .limit(literal_column("1"))
    .offset(literal_column(str(MAX_MARKS)))
    .scalar_subquery()
)
FORGET_METADATA: Final = _text(delete(said_of).where(said_of.c.owner_id.in_(_expired)), "oldest")
SAVE_METADATA: Final = _insert(said_of, ("owner_id", "key", "value"), update_of=("value",))
_own = sqlite.insert(said_of).from_select(
    ["owner_id", "key", "value"],
    select(people.c.id, _param("called"), _param("given")).where(
        people.c.id == _param("person"), _can_come_back
    ),
)
SAVE_OWN_METADATA: Final = _text(
    _own.on_conflict_do_update(
        index_elements=list(said_of.primary_key.columns), set_={"value": _own.excluded.value}
    ),
    "called",
    "given",
    "person",
)
DROP_METADATA: Final = _text(
    delete(said_of).where(said_of.c.owner_id == _param("owner"), said_of.c.key == _param("called")),
    "owner",
    "called",
)
TRIM_MARKS: Final = _text(
    delete(marks).where(marks.c.person_id == _param("person"), marks.c.time <= _newest_left_out),
    "person",
    "person",
)
SAVE_ROOM: Final = _insert(
    rooms, ROOM_COLUMNS, update_of=("name", "folded", "last_seq", "last_time")
)
TOUCH_ROOM: Final = _text(
    update(rooms)
    .where(rooms.c.id == _param("room"))
    .values(last_seq=_param("seq"), last_time=_param("time")),
    "seq",
    "time",
    "room",
)
SAVE_STATE: Final = _text(
    update(rooms)
    .where(rooms.c.id == _param("room"))
    .values(name=_param("called"), folded=_param("compared"), state=_param("value")),
    "called",
    "compared",
    "value",
    "room",
)
FORGET_BANS: Final = _text(delete(bans).where(bans.c.room_id == _param("room")), "room")
SAVE_BAN: Final = _insert(bans, ("room_id", "kind", "mask", "set_by", "time"))
FORGET_ROLES: Final = _text(delete(roles).where(roles.c.room_id == _param("room")), "room")
SAVE_ROLE: Final = _insert(roles, ("room_id", "person_id", "role"))
FIND_SEND: Final = _text(
    select(sends.c.msgid, sends.c.digest, sends.c.time).where(
        sends.c.send_id == _param("send"), sends.c.time >= _param("oldest")
    ),
    "send",
    "oldest",
)
SAVE_SEND: Final = _insert(
    sends, ("send_id", "msgid", "digest", "time"), update_of=("msgid", "digest", "time")
)
FORGET_SENDS: Final = _text(
    delete(sends).where(
        sends.c.send_id.in_(
            select(sends.c.send_id)
            .where(sends.c.time < _param("oldest"))
            .order_by(sends.c.time)
            .limit(literal_column(str(FORGET_AT_ONCE)))
            .offset(literal_column("0"))
        )
    ),
    "oldest",
)
SAVE_ACT: Final = _insert(audit, ("time", "kind", "actor", "target", "text"))
SAVE_SERVER_BAN: Final = _insert(
    server_bans, ("folded", "target", "set_by", "reason", "time", "until")
)
LIFT_SERVER_BAN: Final = _text(
    delete(server_bans).where(server_bans.c.folded == _param("target")), "target"
)
SAVE_META: Final = _insert(meta, ("key", "value"), update_of=("value",))

# Amending.
FIND_AMENDABLE: Final = _text(
    select(entries.c.id, entries.c.kind)
    .outerjoin(messages, messages.c.entry_id == entries.c.id)
    .where(
        entries.c.msgid == _param("msgid"),
        entries.c.room_id == _param("room"),
        entries.c.kind.in_([literal_column(f"'{kind}'") for kind in sorted(SAID)]),
        messages.c.redacted.is_(None),
    ),
    "msgid",
    "room",
)
_edit = sqlite.insert(messages).values(
    entry_id=_param("entry"), text=_param("said"), edited=_param("time")
)
# The last edit counts, whichever order they come in: imports bring older ones.
SAVE_EDIT: Final = _text(
    _edit.on_conflict_do_update(
        index_elements=[messages.c.entry_id],
        set_={"text": _edit.excluded.text, "edited": _edit.excluded.edited},
        where=or_(messages.c.edited.is_(None), messages.c.edited <= _edit.excluded.edited),
    ),
    "entry",
    "said",
    "time",
)
BLANK_MESSAGE: Final = _text(
    update(entries)
    .where(entries.c.id == _param("entry"))
    .values(text=literal_column("''"), extra=null()),
    "entry",
)
BLANK_EDITS: Final = _text(
    update(entries)
    .where(
        entries.c.target_msgid == _param("msgid"),
        entries.c.room_id == _param("room"),
        entries.c.kind == literal_column(f"'{EntryKind.EDIT}'"),
    )
    .values(text=literal_column("''"), extra=null()),
    "msgid",
    "room",
)
SAVE_TOMBSTONE: Final = _insert(
    messages, ("entry_id", "text", "redacted"), update_of=("text", "redacted")
)

# Imports.
KNOWN_MSGID: Final = _text(select(entries.c.id).where(entries.c.msgid == _param("msgid")), "msgid")
HIGHEST_SEQ: Final = _text(
    select(func.max(entries.c.seq)).where(
        entries.c.room_id == _param("room"),
        entries.c.seq >= _param("low"),
        entries.c.seq < _param("high"),
    ),
    "room",
    "low",
    "high",
)
FIND_ROOM: Final = _text(select(rooms.c.id).where(rooms.c.folded == _param("name")), "name")
FIND_IMPORTED_PERSON: Final = _text(
    select(people.c.id)
    .where(people.c.kind == literal_column("'imported'"), people.c.nick == _param("nick"))
    .order_by(people.c.id),
    "nick",
)
