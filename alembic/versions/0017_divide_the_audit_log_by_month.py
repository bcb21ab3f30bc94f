"""Divide the audit log's records by month, on PostgreSQL: what is there becomes the first partition as it is."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TABLE = "audit_record"
_MONTH = "SELECT to_char(now() AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY_MM')"
_INDEXES = (
    "SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
    "WHERE indrelid = to_regclass(:table) ORDER BY relname"
)
_TRIGGERS = (
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal ORDER BY tgname"
)
_GRANTS = (
    "SELECT quote_ident(rolname), privilege_type FROM pg_class, aclexplode(relacl) AS given "
    "JOIN pg_roles ON pg_roles.oid = grantee "
    "WHERE pg_class.oid = to_regclass(:table) AND grantee <> relowner ORDER BY rolname, privilege_type"
)
_OWNER = "SELECT quote_ident(tableowner) FROM pg_tables WHERE schemaname = 'public' AND tablename = :table"
_PARTITIONS = (
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:table) "
    "ORDER BY inhrelid::regclass::text"
)


def upgrade() -> None:
    """Apply the change; no row is moved or read."""
    if op.get_bind().dialect.name == "sqlite":
        return
    # Before anything is looked at: nobody may change it meanwhile.
    op.execute(f"LOCK TABLE {_TABLE} IN ACCESS EXCLUSIVE MODE")
    first = f"{_TABLE}_{op.get_bind().scalar(sa.text(_MONTH))}"
    indexes, triggers = dict(_asked(_INDEXES)), dict(_asked(_TRIGGERS))
    grants, ((owner,),) = _asked(_GRANTS), _asked(_OWNER)
    op.execute(f"ALTER TABLE {_TABLE} RENAME TO {first}")
    for name in indexes:
        op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(_TABLE, first)}")
    op.execute(f"CREATE TABLE {_TABLE} (LIKE {first}) PARTITION BY RANGE (sequence)")
    op.execute(f"ALTER TABLE {_TABLE} OWNER TO {owner}")
    op.execute(f"ALTER TABLE {_TABLE} ADD CONSTRAINT pk_{_TABLE} PRIMARY KEY (sequence)")
    # A unique one for all partitions would need their key in it: each partition keeps its own.
    for name, definition in indexes.items():
        if name.startswith("ix_"):
            op.execute(definition)
    # The one for each row comes back as the whole table's; the others are each table's own.
    op.execute(f"DROP TRIGGER {_TABLE}_is_not_changed ON {first}")
    for definition in triggers.values():
        op.execute(definition)
    # `sequence` is never null, so this needs no look at the rows.
    op.execute(f"ALTER TABLE {_TABLE} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO (MAXVALUE)")
    _move_grants(grants, since=first, to=_TABLE)


def downgrade() -> None:
    """Take the change back: later partitions are copied into the first."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(f"LOCK TABLE {_TABLE} IN ACCESS EXCLUSIVE MODE")
    partitions = [name for (name,) in _asked(_PARTITIONS)]
    triggers, grants = dict(_asked(_TRIGGERS)), _asked(_GRANTS)
    for name in partitions:
        op.execute(f"ALTER TABLE {_TABLE} DETACH PARTITION {name}")
    op.execute(f"DROP TABLE {_TABLE}")
    first, *later = partitions
    for name in later:
        op.execute(f"INSERT INTO {first} TABLE {name}")
        op.execute(f"DROP TABLE {name}")
    for name, _ in _asked(_INDEXES, first):
        op.execute(f"ALTER INDEX {name} RENAME TO {name.replace(first, _TABLE)}")
    op.execute(f"ALTER TABLE {first} RENAME TO {_TABLE}")
    op.execute(triggers[f"{_TABLE}_is_not_changed"])
    for role, right in grants:
        op.execute(f"GRANT {right} ON {_TABLE} TO {role}")


def _asked(question: str, table: str = _TABLE) -> list[Any]:
    return list(op.get_bind().execute(sa.text(question), {"table": table}).all())


def _move_grants(grants: list[Any], *, since: str, to: str) -> None:
    """Let whoever had rights on the table have them on the whole, and none beside it."""
    for role, right in grants:
        op.execute(f"GRANT {right} ON {to} TO {role}")
        op.execute(f"REVOKE {right} ON {since} FROM {role}")
