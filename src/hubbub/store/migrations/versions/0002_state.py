"""State: that of rooms, when each was made, and what operators did and whom they banned.

Nobody has written to `roles`, `bans` and `audit` before, so they are made anew in a form that is
used. A migration is history: it says what it did then, whatever `schema` says today.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text
from sqlalchemy import PrimaryKeyConstraint as Primary
from sqlalchemy import UniqueConstraint as Unique

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Give rooms the time they were made, and their lists and roles a place."""
    _rooms()
    op.drop_table("roles")
    op.create_table(
        "roles",
        _number("room_id"),
        _number("person_id"),
        _text("role"),
        Primary("room_id", "person_id", name="pk_roles"),
        sqlite_with_rowid=False,
    )
    op.drop_table("bans")
    op.create_table(
        "bans",
        _number("room_id"),
        _text("kind"),
        _text("mask"),
        _text("set_by"),
        _number("time"),
        Primary("room_id", "kind", "mask", name="pk_bans"),
        sqlite_with_rowid=False,
    )

    _operators()


def _operators() -> None:
    op.create_table(
        "server_bans",
        _text("folded"),
        _text("target"),
        _text("set_by"),
        _text("reason"),
        _number("time"),
        _number("until", nullable=True),
        Primary("folded", name="pk_server_bans"),
        sqlite_with_rowid=False,
    )
    op.drop_table("audit")
    op.create_table(
        "audit",
        Column("id", NUMBER, nullable=False, autoincrement=True),
        _number("time"),
        _text("kind"),
        _text("actor"),
        _text("target"),
        _text("text"),
        Primary("id", name="pk_audit"),
    )
    op.create_index("ix_audit_time", "audit", ["time"])


def _rooms() -> None:
    """A table of the new form, filled: a room was made when its first entry was."""
    op.rename_table("rooms", "rooms_before")
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
        _number("created"),
        Primary("id", name="pk_rooms"),
        Unique("folded", name="uq_rooms_folded"),
    )
    # A state that an older program left behind is of no form that is known.
    op.execute(
        "INSERT INTO rooms (id, kind, name, folded, last_seq, last_time, created)"
        " SELECT id, kind, name, folded, last_seq, last_time,"
        " coalesce((SELECT min(time) FROM entries WHERE room_id = rooms_before.id), last_time)"
        " FROM rooms_before"
    )
    op.drop_table("rooms_before")


def _number(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, NUMBER, nullable=nullable, autoincrement=False)


def _text(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable)
