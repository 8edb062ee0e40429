"""The register: log, versions, keys, terms, origins."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

LATEST = 2**63 - 1


def upgrade() -> None:
    """Every table of the first schema, and the head the first entry chains from."""
    create_log()
    create_states()
    create_terms()
    op.create_table(
        "properties",
        sa.Column("name", bytewise(), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def bytewise() -> sa.types.TypeEngine[str]:
    """Text compared byte by byte, whatever the database's locale."""
    return sa.String().with_variant(sa.String(collation="C"), "postgresql")


def number(name: str, *, primary_key: bool = False) -> sa.Column[int]:
    """A 64-bit integer without a default or sequence."""
    return sa.Column(
        name, sa.BigInteger, autoincrement=False, nullable=False, primary_key=primary_key
    )


def text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    """A bytewise text that is always there."""
    return sa.Column(name, bytewise(), nullable=False, primary_key=primary_key)


def create_log() -> None:
    """Entries and their head."""
    op.create_table(
        "entries",
        number("number", primary_key=True),
        *(text(name) for name in ("at", "actor", "action", "kind")),
        number("id"),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("shape", sa.Integer, nullable=False),
        *(text(name) for name in ("payload_hash", "previous", "hash")),
    )
    op.create_index("ix_entries_at", "entries", ["at"])
    op.create_index("entries_of_record", "entries", ["kind", "id", "number"])
    head = op.create_table(
        "head",
        sa.Column("lock", sa.Integer, primary_key=True, autoincrement=False),
        number("number"),
        text("at"),
        text("hash"),
    )
    op.bulk_insert(head, [{"lock": 1, "number": 0, "at": "", "hash": "0" * 64}])


def create_states() -> None:
    """Projections of the log: versions and keys."""
    op.create_table(
        "versions",
        text("kind", primary_key=True),
        number("id", primary_key=True),
        number("entry_from", primary_key=True),
        text("valid_from", primary_key=True),
        number("entry_to"),
        text("valid_to"),
        sa.Column("document", sa.Text, nullable=False),
    )
    present = sa.text(f"entry_to = {LATEST}")
    op.create_index(
        "versions_current",
        "versions",
        ["kind", "id", "valid_from", "valid_to"],
        sqlite_where=present,
        postgresql_where=present,
    )
    op.create_table(
        "keys",
        *(text(name, primary_key=True) for name in ("kind", "field", "key")),
        number("id", primary_key=True),
        number("entry_from", primary_key=True),
        text("valid_from", primary_key=True),
        number("entry_to"),
        text("valid_to"),
    )
    op.create_index("keys_of_record", "keys", ["kind", "id", "entry_to"])


def create_terms() -> None:
    """Terms for filters and sorting, and the dataset's documents."""
    op.create_table(
        "terms",
        text("kind", primary_key=True),
        number("id", primary_key=True),
        number("entry_from", primary_key=True),
        text("valid_from", primary_key=True),
        text("field", primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        text("key"),
        sqlite_with_rowid=False,
    )
    op.create_index("terms_by_key", "terms", ["kind", "field", "key"])
    op.create_table(
        "origins",
        text("kind", primary_key=True),
        text("dataset_key", primary_key=True),
        number("id"),
        text("dataset_version"),
        sa.Column("document", sa.Text, nullable=False),
    )
