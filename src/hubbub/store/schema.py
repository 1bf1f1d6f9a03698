"""The schema: every table and column, once, for all engines.

`migrations/versions` brings an older database here; a test compares the two ways. References
between tables are indexed but not enforced by the engine: ids are random and made by the core,
one writer writes them together, and `hubbub db check` proves that none dangles.
All times are milliseconds since the epoch. Next: `statements`, what the writer says in it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REVISION = "0008"
"""The newest migration. A database made today starts here."""

APPLICATION_ID = 0x48554242
"""Marks a SQLite file as ours ("HUBB")."""

# SQLite makes a row id of a primary key only when it is called INTEGER, which holds 64 bits there.
Id = BigInteger().with_variant(Integer(), "sqlite")
Time = BigInteger().with_variant(Integer(), "sqlite")

OTHER_PERSON = "substr(folded, 19)"
"""The second person in the name of a conversation; the first is what the name begins with."""

IS_ARRIVAL = "kind IN ('join', 'nick', 'part', 'quit')"
"""Who came and went, and who is called otherwise (`core.retention.ARRIVALS`), for an index."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("nick", Text, nullable=False),
    Column("account", Text, unique=True),
    Column("token_hash", LargeBinary, unique=True),
    Column("token_time", Time),
    Index(None, "kind", "nick"),
    Index(None, "token_time", sqlite_where=text("token_time IS NOT NULL")),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("skeleton", Text),
    Column("founder", Id),
    Column("state", Text),
    Column("last_seq", Id, nullable=False),
    Column("last_time", Time, nullable=False),
    Column("created", Time, nullable=False),
    Index("ix_rooms_other_person", text(OTHER_PERSON), sqlite_where=text("kind = 'direct'")),
)

# Appended and never rewritten, but for a redaction, which blanks `text` and `extra`. `id` is the
# order of arrival, imports included, and of no other meaning: `seq` orders a room.
entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("room_id", Id, nullable=False),
    Column("seq", Id, nullable=False),
    Column("msgid", Text, nullable=False, unique=True),
    Column("time", Time, nullable=False),
    Column("kind", Text, nullable=False),
    Column("person_id", Id, nullable=False),
    Column("nick_as_shown", Text, nullable=False),
    Column("account", Text),
    Column("text", Text, nullable=False),
    Column("target_msgid", Text),
    Column("extra", Text),
    UniqueConstraint("room_id", "seq"),
    Index(None, "room_id", "time"),
    Index(None, "target_msgid", sqlite_where=text("target_msgid IS NOT NULL")),
    # What goes before the rest, and where the oldest of what was imported is (`retention`).
    Index("ix_entries_arrivals", "time", sqlite_where=text(IS_ARRIVAL)),
    Index("ix_entries_imported", "time", sqlite_where=text("seq < 0")),
)

# The current text of messages that were edited or redacted, and only of those
# (docs/decisions/0003-messages-table.md).
messages = Table(
    "messages",
    metadata,
    Column("entry_id", Id, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("edited", Time),
    Column("redacted", Time),
)

# What a person may do in a room, in words ("voice operator"); see `roomstate`.
roles = Table(
    "roles",
    metadata,
    Column("room_id", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    sqlite_with_rowid=False,
)

# The lists of masks of a room: bans, and what else stands beside them (`kind`).
bans = Table(
    "bans",
    metadata,
    Column("room_id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("mask", Text, primary_key=True),
    Column("set_by", Text, nullable=False),
    Column("time", Time, nullable=False),
    sqlite_with_rowid=False,
)

# Up to when a person has read. The target is a room or, for a conversation, its other person
# (docs/decisions/0009-read-marks-are-times.md).
marks = Table(
    "marks",
    metadata,
    Column("person_id", Id, primary_key=True, autoincrement=False),
    Column("target_id", Id, primary_key=True, autoincrement=False),
    Column("time", Time, nullable=False),
    sqlite_with_rowid=False,
)

# What a person or a room says of itself (see `core.metadata`).
said_of = Table(
    "metadata",
    metadata,
    Column("owner_id", Id, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Send-once ids of the last seven days (see `sends`).
sends = Table(
    "sends",
    metadata,
    Column("send_id", Text, primary_key=True),
    Column("msgid", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("time", Time, nullable=False, index=True),
    sqlite_with_rowid=False,
)

# Who may not be on the server; `folded` is the target as it is compared.
server_bans = Table(
    "server_bans",
    metadata,
    Column("folded", Text, primary_key=True),
    Column("target", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("time", Time, nullable=False),
    Column("until", Time),
    sqlite_with_rowid=False,
)

# What operators did; `actor` is who did it as they were seen then.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("time", Time, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("text", Text, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
