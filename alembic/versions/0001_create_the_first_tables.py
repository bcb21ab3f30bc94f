"""Create the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "agency",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["agency.code"], name=op.f("fk_agency_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_agency")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("unclosed_from", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute("INSERT INTO audit_head (id, size, unclosed_from) VALUES (1, 0, 0)")
    op.create_table(
        "audit_record",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lookup_id", sa.Uuid(), nullable=True),
        sa.Column("lookup_kind", sa.String(length=20), nullable=True),
        sa.Column("officer", sa.String(length=64), nullable=True),
        sa.Column("agency", sa.String(length=40), nullable=True),
        sa.Column("client", sa.String(length=64), nullable=True),
        sa.Column("procedure_code", sa.String(length=40), nullable=True),
        sa.Column("receipt_number", sa.String(length=60), nullable=True),
        sa.Column("result", sa.String(length=60), nullable=True),
        sa.Column("closes", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_record")),
        sa.UniqueConstraint("closes", name=op.f("uq_audit_record_closes")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_record_event_id")),
    )
    op.create_index("ix_audit_record_agency", "audit_record", ["agency", "sequence"])
    op.create_index("ix_audit_record_at", "audit_record", ["at"])
    op.create_index("ix_audit_record_lookup_id", "audit_record", ["lookup_id"])
    op.create_index("ix_audit_record_officer", "audit_record", ["officer", "sequence"])
    op.create_index("ix_audit_record_receipt_number", "audit_record", ["receipt_number", "sequence"])

    op.create_table(
        "procedure",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("processing_days", sa.Integer(), nullable=False),
        sa.Column("national_code", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("lookups", sa.JSON(), nullable=False),
        sa.Column("share_fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_procedure")),
    )
    op.create_table(
        "case_file",
        sa.Column("receipt_number", sa.String(length=60), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("procedure_name", sa.String(length=300), nullable=False),
        sa.Column("procedure_level", sa.String(length=20), nullable=False),
        sa.Column("processing_days", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("payment_status", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("field_visit_on", sa.Date(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_by", sa.String(length=64), nullable=False),
        sa.Column("applicant_ref", sa.LargeBinary(length=32), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_code"], ["agency.code"], name=op.f("fk_case_file_agency_code")),
        sa.PrimaryKeyConstraint("receipt_number", name=op.f("pk_case_file")),
    )
    op.create_index(
        "ix_case_file_agency_received", "case_file", ["agency_code", "received_at", "receipt_number"]
    )
    op.create_index("ix_case_file_applicant_ref", "case_file", ["applicant_ref"])

    op.create_table(
        "client",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("secret_hash", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agency_code"], ["agency.code"], name=op.f("fk_client_agency_code")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client")),
    )
    op.create_table(
        "officer",
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_code"], ["agency.code"], name=op.f("fk_officer_agency_code")),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_officer")),
    )
    op.create_table(
        "receipt_counter",
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agency.code"], name=op.f("fk_receipt_counter_agency_code")
        ),
        sa.PrimaryKeyConstraint("agency_code", "day", name=op.f("pk_receipt_counter")),
    )
    op.create_table(
        "case_lookup",
        sa.Column("lookup_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_number", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_number"], ["case_file.receipt_number"], name=op.f("fk_case_lookup_receipt_number")
        ),
        sa.PrimaryKeyConstraint("lookup_id", name=op.f("pk_case_lookup")),
    )
    op.create_index("ix_case_lookup_receipt_number", "case_lookup", ["receipt_number"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_case_lookup_receipt_number", table_name="case_lookup")

    op.drop_table("case_lookup")
    op.drop_table("receipt_counter")
    op.drop_table("officer")
    op.drop_table("client")
    op.drop_index("ix_case_file_applicant_ref", table_name="case_file")
    op.drop_index("ix_case_file_agency_received", table_name="case_file")

    op.drop_table("case_file")
    op.drop_table("procedure")
    op.drop_index("ix_audit_record_receipt_number", table_name="audit_record")
    op.drop_index("ix_audit_record_officer", table_name="audit_record")
    op.drop_index("ix_audit_record_lookup_id", table_name="audit_record")
    op.drop_index("ix_audit_record_at", table_name="audit_record")
    op.drop_index("ix_audit_record_agency", table_name="audit_record")

    op.drop_table("audit_record")
    op.drop_table("audit_head")
    op.drop_table("agency")
