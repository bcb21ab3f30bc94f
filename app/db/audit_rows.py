"""Writes what an append adds to the tables, all of it or nothing.

On PostgreSQL in one statement, whose rows travel as JSON: as many statements as tables would be as many
trips, and the driver would spend more on each value than the database does.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    JSON,
    Connection,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.db.audit_tables import (
    AuditHead,
    AuditNode,
    AuditRecord,
    AuditSubject,
    LookupBudget,
    LookupBudgetPerson,
)
from app.db.pipelined import send_last
from app.db.tables import Base
from app.db.together import written_out

Row = dict[str, Any]

_heads, _records, _subjects, _nodes, _budgets, _people = (
    Base.metadata.tables[entity.__tablename__]
    for entity in (AuditHead, AuditRecord, AuditSubject, AuditNode, LookupBudget, LookupBudgetPerson)
)


@dataclass(slots=True)
class Growth:
    """What an append adds: rows by table, and how many records the head has then, with the tree's frontier.

    `budgets` take the place of those that their holders have.
    """

    size: int
    frontier: bytes = field(repr=False)
    records: Sequence[Row] = field(repr=False)
    subjects: Sequence[Row] = field(repr=False)
    nodes: Sequence[Row] = field(repr=False)
    budgets: Sequence[Row] = field(repr=False)
    people: Sequence[Row] = field(repr=False)


_INSERTED: Final[dict[str, Table]] = {
    "records": _records,
    "subjects": _subjects,
    "nodes": _nodes,
    "budgets": _budgets,
    "people": _people,
}


_RAISE_HEAD: Final = (
    update(_heads)
    .where(_heads.c.id == 1)
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)


def _on_conflict(insertion: Any, table: Table) -> Any:  # noqa: ANN401 - the two dialects' have no common type
    if table is not _budgets:
        return insertion
    used = {column.name: insertion.excluded[column.name] for column in table.c if not column.primary_key}
    return insertion.on_conflict_do_update(index_elements=[table.c.holder], set_=used)


def _from_json(name: str, table: Table) -> CTE:
    """Insert the rows that stand in the parameter `name`, which PostgreSQL reads as the table's own type."""
    columns = [column.name for column in table.c]
    text = cast(bindparam(name, type_=Text()), JSON)
    row = func.json_populate_recordset(literal_column(f"NULL::{table.name}"), text).table_valued(*columns)
    insertion = postgresql.insert(table).from_select(columns, select(*(row.c[name] for name in columns)))
    insert_them: CTE = _on_conflict(insertion, table).cte(name)
    return insert_them


_ONE_BY_ONE: Final = {name: _on_conflict(sqlite.insert(table), table) for name, table in _INSERTED.items()}
_AT_ONCE: Final = _RAISE_HEAD.add_cte(*(_from_json(name, table) for name, table in _INSERTED.items()))


def write(connection: Connection, growth: Growth) -> None:
    """Write it; only for who holds the head."""
    head = {"new_size": growth.size, "new_frontier": growth.frontier}
    if connection.dialect.name == "postgresql":
        # Written out once: SQLAlchemy would look through all of it at each append.
        text, constants = written_out(_AT_ONCE, connection.dialect)
        rows = {name: _as_json(getattr(growth, name)) for name in _INSERTED}
        send_last(connection, text, constants | rows | head)
        return
    for name, statement in _ONE_BY_ONE.items():
        if rows := getattr(growth, name):
            connection.execute(statement, rows)
    connection.execute(_RAISE_HEAD, head)


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps(rows, default=_as_text) if rows else "[]"


def _as_text(value: object) -> str:
    """Write what JSON does not have as PostgreSQL reads it.

    Raises:
        TypeError: a column has a type that was not thought of here.
    """
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, UUID | date):
        return str(value)
    raise TypeError(f"no way to write a {type(value).__name__} for PostgreSQL")
