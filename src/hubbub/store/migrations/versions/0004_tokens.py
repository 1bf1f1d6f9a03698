"""Tokens: an index by which those that have expired are found."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the persons who have a token."""
    op.create_index(
        "ix_people_token_time",
        "people",
        ["token_time"],
        sqlite_where=text("token_time IS NOT NULL"),
    )
