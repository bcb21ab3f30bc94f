"""Keep the first answers of requests with an Idempotency-Key, to give them again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "kept_answer",
        sa.Column("key_ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_ref", name=op.f("pk_kept_answer")),
    )
    op.create_index("ix_kept_answer_kept_at", "kept_answer", ["kept_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_kept_answer_kept_at", table_name="kept_answer")
    op.drop_table("kept_answer")
