"""Keys and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """A log that begins empty, and no keys."""
    create_credentials()
    create_audit()
    op.create_table(
        "seal",
        sa.Column("lock", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mark", bytewise, nullable=False),
    )


def create_credentials() -> None:
    """Keys, stored as HMACs."""
    op.create_table(
        "credentials",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("prefix", bytewise, nullable=False),
        sa.Column("digest", bytewise, nullable=False, unique=True),
        sa.Column("role", bytewise, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("countries", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("created", bytewise, nullable=False),
        sa.Column("created_by", bytewise, nullable=False),
        *(sa.Column(name, bytewise) for name in ("expires", "revoked", "used")),
        sa.Column("old_digest", bytewise, unique=True),
        sa.Column("old_until", bytewise),
    )


def create_audit() -> None:
    """The log, and the head that its first entry chains from."""
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, bytewise, nullable=False) for name in ("at", "actor", "event", "about")),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("personal", sa.Text),
        *(
            sa.Column(name, bytewise, nullable=False)
            for name in ("personal_hash", "previous", "hash")
        ),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("lock", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", bytewise, nullable=False),
        sa.Column("hash", bytewise, nullable=False),
    )
    op.bulk_insert(head, [{"lock": 1, "number": 0, "at": "", "hash": "0" * 64}])
