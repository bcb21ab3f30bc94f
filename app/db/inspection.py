"""Looks at a database as an operator would before going live. Reads only."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.address import driver_address, parsed_address
from app.db.audit_partitions import newest
from app.db.audit_tables import AuditCheckpoint, AuditHead, AuditNode, AuditRecord, AuditSubject
from app.db.encoding import demand_utf8
from app.db.migrate import alembic_config
from app.db.postgres import SESSION
from app.db.roles import table_rights
from app.db.schema import SchemaNewerError, refuse_newer

_CONNECT_SECONDS: Final = 5
_ALL_RIGHTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
# The data keys have no guard: to destroy one is the owner's right, and their duty.
_GUARDED: Final = frozenset(
    table.__tablename__ for table in (AuditRecord, AuditSubject, AuditNode, AuditCheckpoint, AuditHead)
)
# No time-out, or a commit that does not wait for its disk or the standby's.
_UNSET: Final = frozenset({"0", "off", "local", "remote_write"})
_TRIGGERS: Final = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'"
    ),
}
# What the name of a trigger has after its table's.
_GUARDS: Final = {
    "sqlite": ("is_kept", "is_not_changed"),
    "postgresql": ("is_kept", "is_not_changed", "is_not_emptied"),
}
# Each partition has all guards of the whole for itself, as it can be addressed by its name.
_PARTITIONS: Final = (
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
    "WHERE inhparent = to_regclass('public.audit_record')"
)


class DatabaseUnreachableError(Exception):
    """The database cannot be asked; the cause may name addresses and is not shown."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found; on SQLite nobody has rights, and the clock is this machine's.

    `partition` is the month (YYYY_MM) of the audit log's newest, None where there are none. `is_pooled` tells
    of a pooler on the way; `unset` names what sessions would wait for without an end, or take for durable too
    soon, if nobody set them but us.
    """

    schema: Literal["newest", "older", "newer", "foreign"]
    """Against this release: `newer` is a later one's that has all that this one uses, `foreign` has not."""
    missing_rights: tuple[str, ...]
    excess_rights: tuple[str, ...]
    is_owner: bool
    unguarded: tuple[str, ...]
    partition: str | None
    clock: datetime | None
    is_pooled: bool
    unset: tuple[str, ...]


def inspected(database_url: str) -> Inspection:
    """Look at the schema's version, the log's guards, and on PostgreSQL at this role's rights and the clock.

    Raises:
        DatabaseUnreachableError: it cannot be reached, or there is no such database.
        WrongEncodingError: it is not kept in UTF-8.
    """
    url = parsed_address(database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    # Looking must not make a file that was not there.
    where = f"sqlite:///file:{url.database}?mode=ro&uri=true" if is_sqlite else driver_address(database_url)
    options = {} if is_sqlite else {"connect_timeout": _CONNECT_SECONDS, "prepare_threshold": None}
    engine = create_engine(where, connect_args=options, hide_parameters=True)
    if not is_sqlite:
        demand_utf8(engine)
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
    partition = None if is_sqlite or not is_usable else newest(connection)
    return Inspection(
        schema=schema,
        missing_rights=() if is_sqlite or not is_usable else _differing(connection, missing=True),
        excess_rights=() if is_sqlite or not is_usable else _differing(connection, missing=False),
        is_owner=not is_sqlite and is_usable and _is_owner(connection),
        unguarded=_unguarded(connection) if is_usable else (),
        partition=None if partition is None else partition.month,
        clock=None if is_sqlite else _clock(connection),
        is_pooled=not is_sqlite and _is_pooled(connection),
        unset=() if is_sqlite else _unset(connection),
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


def _unguarded(connection: Connection) -> tuple[str, ...]:
    """Name the tables and partitions of the log that lack one of their guards against changes."""
    dialect = connection.dialect.name
    tables = {table: table for table in _GUARDED}
    if dialect != "sqlite":
        tables |= dict.fromkeys(connection.scalars(text(_PARTITIONS)), AuditRecord.__tablename__)
    present = {tuple(row) for row in connection.execute(text(_TRIGGERS[dialect]))}
    guards = _GUARDS[dialect]
    return tuple(
        sorted(
            table
            for table, whole in tables.items()
            if not present >= {(table, f"{whole}_{guard}") for guard in guards}
        )
    )


def _is_owner(connection: Connection) -> bool:
    """Tell whether this role could take the log's guards off, or drop the log."""
    question = (
        "SELECT pg_has_role(current_user, tableowner, 'MEMBER') "
        "OR pg_has_role(current_user, nspowner, 'MEMBER') OR pg_has_role(current_user, datdba, 'MEMBER') "
        "FROM pg_tables "
        "JOIN pg_namespace ON nspname = schemaname JOIN pg_database ON datname = current_database() "
        "WHERE schemaname = 'public' AND tablename = :table"
    )
    return bool(connection.scalar(text(question), {"table": AuditRecord.__tablename__}))


def _clock(connection: Connection) -> datetime:
    now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)


def _is_pooled(connection: Connection) -> bool:
    """Tell whether the server that answers is another than the one that let us in."""
    driver: Any = connection.connection.driver_connection
    return bool(connection.scalar(text("SELECT pg_backend_pid()")) != driver.info.backend_pid)


def _unset(connection: Connection) -> tuple[str, ...]:
    settings = {
        name: connection.scalar(text("SELECT current_setting(:name)"), {"name": name}) for name in SESSION
    }
    return tuple(name for name, value in settings.items() if value in _UNSET)
