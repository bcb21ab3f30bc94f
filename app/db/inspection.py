"""Looks at a database as an operator would before going live. Reads only."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.db.audit_tables import AuditCheckpoint, AuditHead, AuditNode, AuditRecord, AuditSubject
from app.db.migrate import alembic_config
from app.db.roles import table_rights
from app.db.schema import SchemaNewerError, refuse_newer

_CONNECT_SECONDS: Final = 5
_ALL_RIGHTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
# The data keys have no guard: to destroy one is the owner's right, and their duty.
_GUARDED: Final = frozenset(
    table.__tablename__ for table in (AuditRecord, AuditSubject, AuditNode, AuditCheckpoint, AuditHead)
)
_TRIGGERS: Final = {
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'"
    ),
}


class DatabaseUnreachableError(Exception):
    """The database cannot be asked; the cause may name addresses and is not shown."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found; on SQLite nobody has rights, and the clock is this machine's."""

    schema: Literal["newest", "older", "newer", "foreign"]
    """Against this release: `newer` is a later one's that has all that this one uses, `foreign` has not."""
    missing_rights: tuple[str, ...]
    excess_rights: tuple[str, ...]
    is_owner: bool
    unguarded: tuple[str, ...]
    clock: datetime | None


def inspected(database_url: str) -> Inspection:
    """Look at the schema's version, the log's guards, and on PostgreSQL at this role's rights and the clock.

    Raises:
        DatabaseUnreachableError: it cannot be reached, or there is no such database.
    """
    url = make_url(database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    # Looking must not make a file that was not there.
    where = (
        f"sqlite:///file:{url.database}?mode=ro&uri=true"
        if is_sqlite
        else url.set(drivername="postgresql+psycopg")
    )
    options = {} if is_sqlite else {"connect_timeout": _CONNECT_SECONDS}
    engine = create_engine(where, connect_args=options, hide_parameters=True)
    try:
        with engine.connect() as connection:
            return _inspection(connection, database_url, is_sqlite=is_sqlite)
    except SQLAlchemyError as exc:
        raise DatabaseUnreachableError from exc
    finally:
        engine.dispose()


def _inspection(connection: Connection, database_url: str, *, is_sqlite: bool) -> Inspection:
    schema = _schema(connection, ScriptDirectory.from_config(alembic_config(database_url)))
    is_usable = schema in {"newest", "newer"}
    guarded = set(connection.scalars(text(_TRIGGERS[connection.dialect.name])))
    return Inspection(
        schema=schema,
        missing_rights=() if is_sqlite or not is_usable else _differing(connection, missing=True),
        excess_rights=() if is_sqlite or not is_usable else _differing(connection, missing=False),
        is_owner=not is_sqlite and is_usable and _is_owner(connection),
        unguarded=tuple(sorted(_GUARDED - guarded)) if is_usable else (),
        clock=None if is_sqlite else _clock(connection),
    )


def _schema(
    connection: Connection, scripts: ScriptDirectory
) -> Literal["newest", "older", "newer", "foreign"]:
    try:
        refuse_newer(connection, scripts)
    except SchemaNewerError as newer:
        return "foreign" if newer.lacking else "newer"
    present = MigrationContext.configure(connection).get_current_heads()
    return "newest" if set(present) == set(scripts.get_heads()) else "older"


def _differing(connection: Connection, *, missing: bool) -> tuple[str, ...]:
    """Name the rights that this role lacks, or that it has beyond what the service needs."""
    found = []
    for table, granted in table_rights().items():
        needed = set(granted.split(", "))
        for right in _ALL_RIGHTS:
            if (right in needed) is not missing:
                continue
            has = connection.scalar(
                text("SELECT has_table_privilege(current_user, :table, :right)"),
                {"table": f"public.{table}", "right": right},
            )
            if has is not missing:
                found.append(f"{right} on {table}")
    return tuple(found)


def _is_owner(connection: Connection) -> bool:
    """Tell whether this role could take the log's guards off."""
    question = (
        "SELECT pg_has_role(current_user, tableowner, 'MEMBER') FROM pg_tables "
        "WHERE schemaname = 'public' AND tablename = :table"
    )
    return bool(connection.scalar(text(question), {"table": AuditRecord.__tablename__}))


def _clock(connection: Connection) -> datetime:
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)
