"""Retention: indexes by which what is due is found."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index arrivals and departures, and what was imported, by time."""
    op.create_index(
        "ix_entries_arrivals",
        "entries",
        ["time"],
        sqlite_where=text("kind IN ('join', 'nick', 'part', 'quit')"),
    )
    op.create_index("ix_entries_imported", "entries", ["time"], sqlite_where=text("seq < 0"))
