"""Marks: times in place of seqs. Nothing was written there before."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make the table anew."""
    op.drop_table("marks")
    op.create_table(
        "marks",
        Column("person_id", NUMBER, nullable=False),
        Column("target_id", NUMBER, nullable=False),
        Column("time", NUMBER, nullable=False),
        PrimaryKeyConstraint("person_id", "target_id", name="pk_marks"),
        sqlite_with_rowid=False,
    )
