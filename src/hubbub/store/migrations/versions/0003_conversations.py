"""Conversations: an index by which the second of two persons finds them.

A conversation is named by its two persons. By the first it was found already.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_rooms_other_person",
        "rooms",
        [text("substr(folded, 19)")],
        sqlite_where=text("kind = 'direct'"),
    )
