"""Keep a data key for each agency and month, under which the audit log's personal values are sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "audit_data_key",
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("agency", "month", name=op.f("pk_audit_data_key")),
    )


def downgrade() -> None:
    """Take the change back; what was sealed under these keys can then never be read again."""
    op.drop_table("audit_data_key")
