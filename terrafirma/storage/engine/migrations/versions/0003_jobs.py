"""Background jobs and workers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Two tables beside the register; backups have neither."""
    bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "jobs",
        sa.Column("id", bytewise, primary_key=True),
        sa.Column("kind", bytewise, nullable=False),
        sa.Column("key", bytewise),
        sa.Column("actor", bytewise, nullable=False),
        sa.Column("arguments", sa.Text, nullable=False),
        sa.Column("state", bytewise, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("announced", "cancelling")),
        *(sa.Column(name, bytewise, nullable=False) for name in ("at", "run_at")),
        *(sa.Column(name, bytewise) for name in ("started_at", "ended_at")),
        sa.Column("attempt", sa.Integer, nullable=False),
        *(sa.Column(name, bytewise) for name in ("worker", "lease_until")),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("result", sa.Text),
        sa.Column("errors", sa.Text, nullable=False),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "run_at"])
    op.create_index("jobs_by_key", "jobs", ["key"], unique=True)
    op.create_table(
        "workers",
        sa.Column("id", bytewise, primary_key=True),
        sa.Column("host", bytewise, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("pid", "threads")),
        *(sa.Column(name, bytewise, nullable=False) for name in ("started_at", "beat_at")),
    )
