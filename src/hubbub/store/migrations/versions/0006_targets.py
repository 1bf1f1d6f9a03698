"""Targets: an index by which what is about a message is found."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the entries that are about another."""
    op.create_index(
        "ix_entries_target_msgid",
        "entries",
        ["target_msgid"],
        sqlite_where=text("target_msgid IS NOT NULL"),
    )
