"""Answers kept for idempotency keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A single table, swept by age."""
    bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "idempotency",
        sa.Column("actor", bytewise, primary_key=True),
        sa.Column("key", bytewise, primary_key=True),
        *(sa.Column(name, bytewise, nullable=False) for name in ("at", "request_hash")),
        sa.Column("status", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("headers", "body")),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])
