"""Results and durations of job runs."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Counts that stay when jobs are forgotten; backups do not have them either."""
    bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "job_runs",
        *(sa.Column(name, bytewise, primary_key=True) for name in ("kind", "outcome", "bound")),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
    )
