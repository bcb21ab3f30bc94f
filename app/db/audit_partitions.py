"""Divides the audit log's table by month, as its owner, on PostgreSQL. Moves and changes no record.

A partition takes the records from a sequence on. The newest has no end, so no record is ever refused for want
of a partition: a month that was forgotten stands in the partition of the month before.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, column, create_engine, event, func, select, table, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.db.address import driver_address, parsed_address
from app.db.audit_tables import AuditRecord
from app.db.postgres import wait_little
from app.domain.working_time import VIETNAM_TIME

_TABLE: Final = AuditRecord.__tablename__
_MONTH: Final = "%Y_%m"
PARTITION: Final = re.compile(rf"{_TABLE}_(\d{{4}}_\d{{2}})")

_NEWEST: Final = text(
    "SELECT relname, substring(pg_get_expr(relpartbound, pg_class.oid) FROM 'FROM \\((.*)\\) TO') AS since "
    "FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
    "WHERE inhparent = to_regclass('public.audit_record') "
    "AND pg_get_expr(relpartbound, pg_class.oid) LIKE '%TO (MAXVALUE)'"
)
_OWNER: Final = text(
    "SELECT quote_ident(tableowner) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'audit_record'"
)
# By PostgreSQL's codes (SQLSTATE): not allowed to, and no lock in time.
_REASONS: Final = {
    "42501": "this role may not: run it as the owner of the tables",
    "55P03": "somebody has been reading the log for long, as a backup or a verification does: run it later",
}


class PartitionsRefusedError(Exception):
    """Nothing was done, and why."""


@dataclass(frozen=True, slots=True)
class Partition:
    """The newest partition: its name, and the month in Vietnam (YYYY_MM) in which it began."""

    name: str
    month: str


@dataclass(frozen=True, slots=True)
class Cut:
    """What was done: `began` takes the records from `since` on, `ended` has those before."""

    began: str
    ended: str
    since: int


def month_of(at: datetime) -> str:
    """Write the month of a moment in Vietnam as partitions are named."""
    return at.astimezone(VIETNAM_TIME).strftime(_MONTH)


def newest(connection: Connection) -> Partition | None:
    """Return the partition that takes what is appended; None where the table is in one piece."""
    found = None if connection.dialect.name == "sqlite" else connection.execute(_NEWEST).one_or_none()
    named = found and PARTITION.fullmatch(found.relname)
    return Partition(named[0], named[1]) if named else None


def begin_month(database_url: str, now: datetime) -> Cut | None:
    """End the newest partition and begin the next, if the newest is of an earlier month and has records.

    Everybody who reads or appends waits while PostgreSQL looks through the rows of the one that ends. They
    are read once before, so that they come from memory then.

    Raises:
        PartitionsRefusedError: there are no partitions, this role may not, or somebody has long been reading.
    """
    if parsed_address(database_url).get_backend_name() == "sqlite":
        raise PartitionsRefusedError(
            "SQLite has no partitions; the address must be that of a PostgreSQL database"
        )
    with _connected(database_url) as connection:
        present = newest(connection)
        if present is None:
            raise PartitionsRefusedError("the audit log has no partitions: run `motcua migrate` first")
        if not _is_due(present, now):
            return None
        # Of a column that no index has: the table itself is read.
        connection.scalar(select(func.count(column("kind"))).select_from(table(present.name)))
        connection.rollback()
        connection.execute(text(f"LOCK TABLE {_TABLE} IN ACCESS EXCLUSIVE MODE"))
        done = _cut(connection, now)
        connection.commit()
        if done is not None:
            # PostgreSQL itself looks at the partitions, and never at the whole.
            connection.execute(text(f"ANALYZE {_TABLE}"))
            connection.commit()
    return done


def _is_due(present: Partition, now: datetime) -> bool:
    return present.month < month_of(now)


def _cut(connection: Connection, now: datetime) -> Cut | None:
    """Divide the newest partition at its end, unless somebody was quicker or it is empty."""
    present = newest(connection)
    if present is None or not _is_due(present, now):
        return None
    last = connection.scalar(select(func.max(column("sequence"))).select_from(table(present.name)))
    if last is None:
        return None
    since, name = last + 1, f"{_TABLE}_{month_of(now)}"
    ((_, began),) = connection.execute(_NEWEST)
    (owner,) = connection.execute(_OWNER).one()
    for statement in (
        f"ALTER TABLE {_TABLE} DETACH PARTITION {present.name}",
        f"ALTER TABLE {_TABLE} ATTACH PARTITION {present.name} FOR VALUES FROM ({began}) TO ({since})",
        f"CREATE TABLE {name} PARTITION OF {_TABLE} FOR VALUES FROM ({since}) TO (MAXVALUE)",
        f"ALTER TABLE {name} OWNER TO {owner}",
        *_keys_and_guards(name),
    ):
        connection.execute(text(statement))
    return Cut(name, present.name, since)


def _keys_and_guards(name: str) -> Iterator[str]:
    """Write what each partition has for itself: the rest comes from the whole."""
    for key in ("event_id", "closes"):
        yield f"ALTER TABLE {name} ADD UNIQUE ({key})"
    for trigger, occasion in ((f"{_TABLE}_is_kept", "DELETE"), (f"{_TABLE}_is_not_emptied", "TRUNCATE")):
        yield (
            f"CREATE TRIGGER {trigger} BEFORE {occasion} ON {name} FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_audit_change()"
        )


@contextmanager
def _connected(database_url: str) -> Iterator[Connection]:
    # Nothing is prepared: behind PgBouncer the name may be taken already.
    engine = create_engine(
        driver_address(database_url), hide_parameters=True, connect_args={"prepare_threshold": None}
    )
    event.listen(engine, "begin", wait_little)
    try:
        with engine.connect() as connection:
            yield connection
    except (OperationalError, ProgrammingError) as exc:
        reason = _REASONS.get(getattr(exc.orig, "sqlstate", None) or "")
        raise PartitionsRefusedError(reason or "the database cannot be reached, or is not ours") from exc
    finally:
        engine.dispose()
