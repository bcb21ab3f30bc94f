"""Search cases by words of what was written, through keyed marks; list the cases of many agencies quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "case_word",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", "received_at", name=op.f("pk_case_word")),
    )
    # Cases that were registered before, or by the release before, are marked later, by who has the key.
    op.add_column("case_file", sa.Column("has_words", sa.Boolean(), server_default=sa.false(), nullable=False))
    unmarked = sa.text("NOT has_words")
    op.create_index(
        "ix_case_file_without_words",
        "case_file",
        ["receipt_number"],
        postgresql_where=unmarked,
        sqlite_where=unmarked,
    )
    op.create_index("ix_case_file_received", "case_file", ["received_at", "receipt_number"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_case_file_received", table_name="case_file")
    op.drop_index("ix_case_file_without_words", table_name="case_file")
    op.drop_column("case_file", "has_words")
    op.drop_table("case_word")
