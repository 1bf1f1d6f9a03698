"""The beginning: the tables of the first release.

A migration is history: it says what it did then, whatever `schema` says today.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text
from sqlalchemy import PrimaryKeyConstraint as Primary
from sqlalchemy import UniqueConstraint as Unique

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and on SQLite mark the file as ours."""
    _people_and_rooms()
    _entries()
    _state_of_rooms()
    _bookkeeping()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"PRAGMA application_id = {0x48554242}")


def _people_and_rooms() -> None:
    op.create_table(
        "people",
        _number("id"),
        _text("kind"),
        _text("nick"),
        _text("account", nullable=True),
        Column("token_hash", LargeBinary),
        _number("token_time", nullable=True),
        Primary("id", name="pk_people"),
        Unique("account", name="uq_people_account"),
        Unique("token_hash", name="uq_people_token_hash"),
    )
    op.create_index("ix_people_kind_nick", "people", ["kind", "nick"])
    op.create_table(
        "rooms",
        _number("id"),
        _text("kind"),
        _text("name"),
        _text("folded"),
        _text("skeleton", nullable=True),
        _number("founder", nullable=True),
        _text("state", nullable=True),
        _number("last_seq"),
        _number("last_time"),
        Primary("id", name="pk_rooms"),
        Unique("folded", name="uq_rooms_folded"),
    )


def _entries() -> None:
    op.create_table(
        "entries",
        _number("id", autoincrement=True),
        _number("room_id"),
        _number("seq"),
        _text("msgid"),
        _number("time"),
        _text("kind"),
        _number("person_id"),
        _text("nick_as_shown"),
        _text("account", nullable=True),
        _text("text"),
        _text("target_msgid", nullable=True),
        _text("extra", nullable=True),
        Primary("id", name="pk_entries"),
        Unique("room_id", "seq", name="uq_entries_room_id_seq"),
        Unique("msgid", name="uq_entries_msgid"),
    )
    op.create_index("ix_entries_room_id_time", "entries", ["room_id", "time"])
    op.create_table(
        "messages",
        _number("entry_id"),
        _text("text"),
        _number("edited", nullable=True),
        _number("redacted", nullable=True),
        Primary("entry_id", name="pk_messages"),
    )


def _state_of_rooms() -> None:
    op.create_table(
        "roles",
        _number("room_id"),
        _number("person_id"),
        _text("role"),
        _number("time"),
        Primary("room_id", "person_id", name="pk_roles"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bans",
        _number("room_id"),
        _text("mask"),
        _number("set_by"),
        _text("reason", nullable=True),
        _number("time"),
        _number("until", nullable=True),
        Primary("room_id", "mask", name="pk_bans"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "marks",
        _number("person_id"),
        _number("room_id"),
        _number("seq"),
        Primary("person_id", "room_id", name="pk_marks"),
        sqlite_with_rowid=False,
    )


def _bookkeeping() -> None:
    op.create_table(
        "sends",
        _text("send_id"),
        _text("msgid"),
        Column("digest", LargeBinary, nullable=False),
        _number("time"),
        Primary("send_id", name="pk_sends"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sends_time", "sends", ["time"])
    op.create_table(
        "audit",
        _number("id", autoincrement=True),
        _number("time"),
        _number("person_id", nullable=True),
        _text("action"),
        _text("subject", nullable=True),
        _text("detail", nullable=True),
        Primary("id", name="pk_audit"),
    )
    op.create_index("ix_audit_time", "audit", ["time"])
    op.create_table(
        "meta",
        _text("key"),
        _text("value"),
        Primary("key", name="pk_meta"),
        sqlite_with_rowid=False,
    )


def _number(name: str, *, nullable: bool = False, autoincrement: bool = False) -> Column[Any]:
    return Column(name, NUMBER, nullable=nullable, autoincrement=autoincrement)


def _text(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable)
