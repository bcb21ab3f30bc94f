"""Note when the work on a case ended, since when it waits for a supplement, and how often it did."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("case_file", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_file", sa.Column("supplement_since", sa.DateTime(timezone=True), nullable=True))
    # The default lets the release before, which does not know the column, register cases meanwhile.
    op.add_column(
        "case_file", sa.Column("supplement_requests", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    """Take the change back."""
    for name in ("supplement_requests", "supplement_since", "ended_at"):
        op.drop_column("case_file", name)
