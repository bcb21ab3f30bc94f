"""Note when accounts and systems are disabled: tokens from before stay ended when they are enabled again."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("officer", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("client", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("client", "disabled_at")
    op.drop_column("officer", "disabled_at")
