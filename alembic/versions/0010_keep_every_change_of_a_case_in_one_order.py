"""Keep every change of a case in one order over the whole service, for its history and for the feed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "case_change_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_case_change_head_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_change_head")),
    )
    op.create_table(
        "case_change",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_number", sa.String(length=60), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=True),
        sa.Column("client", sa.String(length=64), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["receipt_number"],
            ["case_file.receipt_number"],
            name=op.f("fk_case_change_receipt_number"),
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_case_change")),
        sa.UniqueConstraint(
            "receipt_number", "version", name=op.f("uq_case_change_receipt_number_version")
        ),
    )
    op.create_index("ix_case_change_agency_code", "case_change", ["agency_code", "sequence"])
    # What was registered before is told too; then whoever registered was noted by one name only.
    op.execute(
        "INSERT INTO case_change "
        "(sequence, receipt_number, agency_code, kind, status, version, at, officer, client) "
        "SELECT row_number() OVER (ORDER BY received_at, receipt_number), receipt_number, agency_code, "
        "'registered', status, version, received_at, "
        "CASE WHEN EXISTS (SELECT 1 FROM officer WHERE username = registered_by) THEN registered_by END, "
        "CASE WHEN NOT EXISTS (SELECT 1 FROM officer WHERE username = registered_by) THEN registered_by END "
        "FROM case_file"
    )
    op.execute("INSERT INTO case_change_head (id, size) SELECT 1, count(*) FROM case_change")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_case_change_agency_code", table_name="case_change")
    op.drop_table("case_change")
    op.drop_table("case_change_head")
