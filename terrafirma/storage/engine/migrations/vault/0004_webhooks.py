"""Webhooks and their deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables of webhooks."""
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("salt", bytewise, nullable=False),
        *(sa.Column(name, bytewise) for name in ("old_salt", "old_until")),
        *(sa.Column(name, bytewise, nullable=False) for name in ("created", "created_by")),
        *(sa.Column(name, bytewise) for name in ("deleted", "paused")),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("mark", bytewise, nullable=False),
        sa.Column("sent", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        *(sa.Column(name, bytewise) for name in ("next_at", "lease", "lease_until")),
    )
    create_deliveries()


def create_deliveries() -> None:
    """Deliveries, sent and pending."""
    op.create_table(
        "deliveries",
        *(
            sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)
            for name in ("webhook", "number")
        ),
        *(sa.Column(name, bytewise, nullable=False) for name in ("message", "type")),
        sa.Column("entry", sa.BigInteger),
        sa.Column("data", sa.Text),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("state", bytewise, nullable=False),
        sa.Column("at", bytewise, nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tried_at", bytewise),
        sa.Column("status", sa.Integer),
        *(sa.Column(name, sa.Text) for name in ("error", "answer")),
        sa.Column("ms", sa.Integer),
    )
    op.create_index("deliveries_by_state", "deliveries", ["webhook", "state", "number"])
