"""Reads the whole audit log in order, as it stood at one moment. Changes nothing and trusts nothing.

The database writes ids and times as the records do: whoever reads ten million rows cannot have a Python
object made of each value first.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    create_engine,
    event,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from app.db.address import driver_address, parsed_address
from app.db.audit_tables import AuditCheckpoint, AuditHead, AuditNode, AuditRecord, AuditSubject
from app.domain.audit_event import AuditKind
from app.domain.merkle import Node
from app.domain.record_checks import COLUMNS, Row, Subject
from app.domain.retention import PRUNED, Pruning
from app.domain.tree_checks import BLOCK_LEVEL

_SQLITE_UUID: Final = (
    "lower(substr({0},1,8)||'-'||substr({0},9,4)||'-'||substr({0},13,4)||'-'||substr({0},17,4)"
    "||'-'||substr({0},21))"
)
_FORMS: Final = {
    "sqlite": (_SQLITE_UUID, "replace({0},' ','T')||'Z'"),
    "postgresql": ("{0}::text", "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
}
LEVELS: Final = tuple(BLOCK_LEVEL * step for step in range(1, 8))
"""Levels of the tree whose hashes are stored."""

_CHECKPOINTS_AT_ONCE: Final = 500
_UUIDS: Final = ("event_id", "lookup_id", "closes")
_TIMES: Final = ("at",)


class AuditScanError(Exception):
    """The database cannot be read, or has no audit log of ours."""


class Head(NamedTuple):
    """What the log says of itself: how many records, and the hashes of its complete subtrees in one piece."""

    size: int
    frontier: bytes


class KeptCheckpoint(NamedTuple):
    """A checkpoint of the database's own table; only the note is signed."""

    size: int
    root: bytes
    note: str


class AuditScan:
    """One snapshot of the log."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = _rows_statement(connection.dialect.name)

    def head(self) -> Head:
        """Read the head."""
        (head,) = self._all(select(AuditHead.size, AuditHead.frontier))
        return Head(*head)

    def records(self, since: int, until: int) -> Sequence[Row]:
        """Read the records from `since` up to before `until`, in order."""
        found = self._connection.execute(self._rows, {"since": since, "until": until})
        # The driver's own tuples: SQLAlchemy's rows around them would take a quarter of the whole time.
        rows: Sequence[Row] = found.cursor.fetchall()
        return rows

    def subjects(self, since: int, until: int) -> Iterator[Subject]:
        """Read whom these records concern."""
        statement = select(AuditSubject.sequence, AuditSubject.ref, AuditSubject.role)
        among = (AuditSubject.sequence >= since, AuditSubject.sequence < until)
        return (tuple(row) for row in self._all(statement.where(*among)))

    def nodes(self, level: int, since: int, until: int) -> Iterator[Node]:
        """Read the stored hashes of a level, from one position up to before another."""
        statement = select(AuditNode.level, AuditNode.position, AuditNode.hash)
        among = (AuditNode.level == level, AuditNode.position >= since, AuditNode.position < until)
        return (Node(*row) for row in self._all(statement.where(*among)))

    def beyond(self, size: int) -> dict[str, int]:
        """Count the rows of each table that belong to no record which a log of this size has."""
        belongs = or_(
            *(
                and_(AuditNode.level == level, AuditNode.position.between(0, (size >> level) - 1))
                for level in LEVELS
            )
        )
        outside = {
            AuditRecord: or_(AuditRecord.sequence < 0, AuditRecord.sequence >= size),
            AuditSubject: or_(AuditSubject.sequence < 0, AuditSubject.sequence >= size),
            AuditNode: not_(belongs),
        }
        return {
            table.__tablename__: self._all(select(func.count()).select_from(table).where(condition))[0][0]
            for table, condition in outside.items()
        }

    def prunings(self) -> list[Pruning]:
        """Read which content the log says was dropped."""
        told = self._all(
            select(AuditRecord.record).where(
                AuditRecord.kind == AuditKind.CHANGE.value,
                AuditRecord.result == PRUNED,
                AuditRecord.record.is_not(None),
            )
        )
        found = (_pruning(content) for (content,) in told)
        return [one for one in found if one is not None]

    def first_leaf(self) -> bytes | None:
        """Read the first record's leaf hash, by which one log is told from another."""
        found = self._all(select(AuditRecord.leaf_hash).where(AuditRecord.sequence == 0))
        return found[0][0] if found else None

    def checkpoints(self) -> Iterator[KeptCheckpoint]:
        """Read the checkpoints of the database, smallest first, a few at a time."""
        statement = select(AuditCheckpoint.size, AuditCheckpoint.root, AuditCheckpoint.note)
        ordered = statement.order_by(AuditCheckpoint.size).limit(_CHECKPOINTS_AT_ONCE)
        found = self._all(ordered)
        while found:
            yield from (KeptCheckpoint(*row) for row in found)
            found = self._all(ordered.where(AuditCheckpoint.size > found[-1].size))

    def _all(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        return self._connection.execute(statement).all()


@contextmanager
def opened_scan(database_url: str) -> Iterator[AuditScan]:
    """Give a snapshot of the log in this database.

    Raises:
        AuditScanError: the database cannot be read, or has no audit log of ours.
    """
    url = parsed_address(database_url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url.set(query={"uri": "true"}, database=f"file:{url.database}?mode=ro"))
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_deferred)
    else:
        engine = create_engine(
            driver_address(database_url),
            isolation_level="REPEATABLE READ",
            hide_parameters=True,
            connect_args={"prepare_threshold": None},
            execution_options={"postgresql_readonly": True},
        )
    try:
        with engine.connect() as connection, connection.begin():
            yield AuditScan(connection)
    except SQLAlchemyError as exc:
        raise AuditScanError(f"the database cannot be read ({type(exc).__name__})") from exc
    finally:
        engine.dispose()


def _pruning(content: Any) -> Pruning | None:  # noqa: ANN401 - as stored
    try:
        return Pruning.of(json.loads(content))
    except (TypeError, ValueError, AttributeError, RecursionError):
        # The checks of the record itself say what is wrong with it.
        return None


def _leave_transactions_to_us(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
    connection.isolation_level = None


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _rows_statement(dialect: str) -> Select[*tuple[Any, ...]]:
    uuid, time = _FORMS[dialect]
    forms = dict.fromkeys(_UUIDS, uuid) | dict.fromkeys(_TIMES, time)
    repeated: tuple[ColumnElement[Any], ...] = tuple(
        literal_column(forms.get(name, "{0}").format(name)) for name in (*COLUMNS, "closes")
    )
    since, until = bindparam("since", type_=BigInteger), bindparam("until", type_=BigInteger)
    return (
        select(AuditRecord.sequence, AuditRecord.leaf_hash, AuditRecord.record, *repeated)
        .where(AuditRecord.sequence >= since, AuditRecord.sequence < until)
        .order_by(AuditRecord.sequence)
    )
