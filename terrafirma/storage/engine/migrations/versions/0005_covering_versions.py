"""Lists read the keys of current states from an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

LATEST = 2**63 - 1


def upgrade() -> None:
    """The entry of a state names it, with its first day; SQLite looks for `entry_to` in the index too."""
    op.drop_index("versions_current", "versions")
    present = sa.text(f"entry_to = {LATEST}")
    op.create_index(
        "versions_current",
        "versions",
        ["kind", "id", "valid_from", "valid_to", "entry_from", "entry_to"],
        sqlite_where=present,
        postgresql_where=present,
    )
