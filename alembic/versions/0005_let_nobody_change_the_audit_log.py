"""Let nobody change the audit log: its tables refuse updates and deletions, its head never shrinks."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_APPENDED_TO = ("audit_record", "audit_subject", "audit_node", "audit_checkpoint")
_REFUSAL = "the audit log is append-only"


def upgrade() -> None:
    """Apply the change."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def downgrade() -> None:
    """Take the change back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in (*_APPENDED_TO, "audit_head"):
        for name in (f"{table}_is_kept", f"{table}_is_not_emptied"):
            op.execute(f"DROP TRIGGER IF EXISTS {name}" + ("" if is_sqlite else f" ON {table}"))
        op.execute(f"DROP TRIGGER IF EXISTS {table}_is_not_changed" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        op.execute("DROP FUNCTION refuse_audit_change()")


def _guard_on_sqlite() -> None:
    for table in _APPENDED_TO:
        _sqlite_trigger(f"{table}_is_not_changed", f"UPDATE ON {table}")
        _sqlite_trigger(f"{table}_is_kept", f"DELETE ON {table}")
    _sqlite_trigger("audit_head_is_not_changed", "UPDATE ON audit_head WHEN NEW.size < OLD.size")
    _sqlite_trigger("audit_head_is_kept", "DELETE ON audit_head")


def _sqlite_trigger(name: str, occasion: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {occasion} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END$$"
    )
    for table in _APPENDED_TO:
        _postgresql_trigger(f"{table}_is_not_changed", f"UPDATE ON {table} FOR EACH STATEMENT")
    # The smaller head is refused, whatever the statement that would make it.
    _postgresql_trigger(
        "audit_head_is_not_changed", "UPDATE ON audit_head FOR EACH ROW WHEN (NEW.size < OLD.size)"
    )
    for table in (*_APPENDED_TO, "audit_head"):
        _postgresql_trigger(f"{table}_is_kept", f"DELETE ON {table} FOR EACH STATEMENT")
        _postgresql_trigger(f"{table}_is_not_emptied", f"TRUNCATE ON {table} FOR EACH STATEMENT")


def _postgresql_trigger(name: str, occasion: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {occasion} EXECUTE FUNCTION refuse_audit_change()")
