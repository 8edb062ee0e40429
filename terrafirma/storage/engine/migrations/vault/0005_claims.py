"""Values of the claim that roles follow from, by user."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add what the provider said of each user at the last sign-in, as a JSON list."""
    op.add_column("people", sa.Column("claims", sa.Text))
