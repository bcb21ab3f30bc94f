"""Let old audit records lose their content, and nothing else, when their retention has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REFUSAL = "the audit log is append-only"
_KEPT = ("sequence", "event_id", "leaf_hash", "kind", "at", "agency")
_CLEARED = (
    "record",
    "lookup_id",
    "lookup_kind",
    "officer",
    "client",
    "procedure_code",
    "receipt_number",
    "result",
    "closes",
)


def upgrade() -> None:
    """Apply the change."""
    if op.get_bind().dialect.name == "sqlite":
        # The table is made anew, without its triggers.
        with op.batch_alter_table("audit_record") as batch:
            batch.alter_column("record", existing_type=sa.LargeBinary(), nullable=True)
        op.execute("DROP TRIGGER audit_subject_is_kept")
        _sqlite_trigger("audit_record_is_not_changed", f"UPDATE ON audit_record WHEN NOT ({_pruning('IS')})")
        _sqlite_trigger("audit_record_is_kept", "DELETE ON audit_record")
        _sqlite_trigger(
            "audit_subject_is_kept", "DELETE ON audit_subject", f"WHERE {_has_content()}"
        )
        return
    op.alter_column("audit_record", "record", existing_type=sa.LargeBinary(), nullable=True)
    op.execute("DROP TRIGGER audit_record_is_not_changed ON audit_record")
    op.execute(
        "CREATE TRIGGER audit_record_is_not_changed BEFORE UPDATE ON audit_record FOR EACH ROW "
        f"WHEN (NOT ({_pruning('IS NOT DISTINCT FROM')})) EXECUTE FUNCTION refuse_audit_change()"
    )
    op.execute("DROP TRIGGER audit_subject_is_kept ON audit_subject")
    op.execute(
        "CREATE FUNCTION keep_audit_subject() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN IF {_has_content()} THEN RAISE EXCEPTION '{_REFUSAL}' "
        "USING ERRCODE = 'insufficient_privilege'; END IF; RETURN OLD; END$$"
    )
    op.execute(
        "CREATE TRIGGER audit_subject_is_kept BEFORE DELETE ON audit_subject FOR EACH ROW "
        "EXECUTE FUNCTION keep_audit_subject()"
    )


def downgrade() -> None:
    """Take the change back; refused by the database once records have lost their content."""
    if op.get_bind().dialect.name == "sqlite":
        # This one looks into the table that is made anew.
        op.execute("DROP TRIGGER audit_subject_is_kept")
        with op.batch_alter_table("audit_record") as batch:
            batch.alter_column("record", existing_type=sa.LargeBinary(), nullable=False)
        _sqlite_trigger("audit_record_is_not_changed", "UPDATE ON audit_record")
        _sqlite_trigger("audit_record_is_kept", "DELETE ON audit_record")
        _sqlite_trigger("audit_subject_is_kept", "DELETE ON audit_subject")
        return
    op.execute("DROP TRIGGER audit_subject_is_kept ON audit_subject")
    op.execute("DROP FUNCTION keep_audit_subject()")
    op.execute("DROP TRIGGER audit_record_is_not_changed ON audit_record")
    for table, occasion in (("audit_subject", "DELETE"), ("audit_record", "UPDATE")):
        name = f"{table}_is_kept" if occasion == "DELETE" else f"{table}_is_not_changed"
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {occasion} ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_audit_change()"
        )
    op.alter_column("audit_record", "record", existing_type=sa.LargeBinary(), nullable=False)


def _pruning(is_same: str) -> str:
    """Say in SQL that an update clears all that repeats the record, and leaves the rest as it is."""
    return " AND ".join(
        (
            *(f"NEW.{name} {is_same} OLD.{name}" for name in _KEPT),
            *(f"NEW.{name} IS NULL" for name in _CLEARED),
        )
    )


def _has_content() -> str:
    return "EXISTS (SELECT 1 FROM audit_record WHERE sequence = OLD.sequence AND record IS NOT NULL)"


def _sqlite_trigger(name: str, occasion: str, condition: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {occasion} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}') {condition}; END"
    )
