"""People, their sessions, and sign-ins that are under way."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables of users and sessions."""
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, bytewise, nullable=False) for name in ("issuer", "subject")),
        *(sa.Column(name, sa.Text) for name in ("email", "name")),
        *(sa.Column(name, bytewise, nullable=False) for name in ("created", "seen")),
        sa.Column("blocked", bytewise),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("person", sa.BigInteger, nullable=False, index=True),
        sa.Column("digest", bytewise, nullable=False, unique=True),
        sa.Column("old_digest", bytewise, unique=True),
        *(sa.Column(name, bytewise, nullable=False) for name in ("rotated", "expires")),
    )
    op.create_table(
        "logins",
        sa.Column("state", bytewise, primary_key=True),
        *(sa.Column(name, bytewise, nullable=False) for name in ("nonce", "verifier", "expires")),
        sa.Column("place", sa.Text, nullable=False),
    )
