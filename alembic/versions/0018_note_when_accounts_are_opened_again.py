"""Note when accounts and systems are made active again: tokens from before have ended for good."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("officer", sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("client", sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("client", "reopened_at")
    op.drop_column("officer", "reopened_at")
