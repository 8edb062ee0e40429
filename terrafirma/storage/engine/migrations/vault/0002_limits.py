"""Counters shared by processes, and limits of keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Counts by name and window; limits of a key's own."""
    bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "counters",
        sa.Column("name", bytewise, primary_key=True),
        sa.Column("ends", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    for name in ("requests", "writes"):
        op.add_column("credentials", sa.Column(name, sa.Integer))
