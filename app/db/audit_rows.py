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

from sqlalchemy import Connection, Table, bindparam, insert, update
from sqlalchemy.dialects import sqlite

from app.db.audit_tables import (
    AuditHead,
    AuditNode,
    AuditRecord,
    AuditSubject,
    LookupBudget,
    LookupBudgetPerson,
)
from app.db.tables import Base

Row = dict[str, Any]

_heads, _records, _subjects, _nodes, _budgets, _people = (
    Base.metadata.tables[entity.__tablename__]
    for entity in (AuditHead, AuditRecord, AuditSubject, AuditNode, LookupBudget, LookupBudgetPerson)
)
_USED: Final = tuple(column.name for column in _budgets.c if not column.primary_key)


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


def write(connection: Connection, growth: Growth) -> None:
    """Write it; only for who holds the head."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            _AT_ONCE,
            {name: _as_json(getattr(growth, name)) for name in _INSERTED}
            | {"size": growth.size, "frontier": growth.frontier},
        )
        return
    for name, statement in _ONE_BY_ONE.items():
        if rows := getattr(growth, name):
            connection.execute(statement, rows)
    connection.execute(_GROW_HEAD, {"new_size": growth.size, "new_frontier": growth.frontier})


_INSERTED: Final[dict[str, Table]] = {
    "records": _records,
    "subjects": _subjects,
    "nodes": _nodes,
    "budgets": _budgets,
    "people": _people,
}


def _insertion(name: str, table: Table) -> str:
    columns = ", ".join(column.name for column in table.c)
    clause = (
        f"{name} AS (INSERT INTO {table.name} ({columns}) "  # noqa: S608 - names of our own tables
        f"SELECT {columns} FROM json_populate_recordset(NULL::{table.name}, %({name})s)"
    )
    if table is _budgets:
        replaced = ", ".join(f"{column} = excluded.{column}" for column in _USED)
        clause += f" ON CONFLICT (holder) DO UPDATE SET {replaced}"
    return f"{clause})"


_INSERTIONS: Final = ", ".join(_insertion(name, table) for name, table in _INSERTED.items())
_AT_ONCE: Final = (
    f"WITH {_INSERTIONS} "  # noqa: S608 - names of our own tables
    f"UPDATE {_heads.name} SET size = %(size)s, frontier = %(frontier)s WHERE id = 1"
)

_put = sqlite.insert(_budgets)
_ONE_BY_ONE: Final = {name: insert(table) for name, table in _INSERTED.items()} | {
    "budgets": _put.on_conflict_do_update(
        index_elements=["holder"], set_={name: _put.excluded[name] for name in _USED}
    )
}
_GROW_HEAD: Final = (
    update(_heads)
    .where(_heads.c.id == 1)
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)


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
