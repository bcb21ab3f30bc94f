"""Inserts that say what to do when the row is there already."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

from app.db.engine import BlockingSession, Session
from app.db.tables import Base

_DIALECTS: Final[Mapping[str, Any]] = {"sqlite": sqlite, "postgresql": postgresql}


def insert_for(session: Session | BlockingSession, table: type[Base] | Table) -> Any:  # noqa: ANN401 - the two have no common type
    """Begin an insert with `on_conflict_...`, which SQLAlchemy has for each database apart."""
    return _DIALECTS[session.get_bind().dialect.name].insert(table)


def insertion(table: Table, on_conflict: Callable[[Any], Executable]) -> Mapping[str, Executable]:
    """Make an insert once for each kind of database: what every registration runs is not made each time."""
    return {name: on_conflict(dialect.insert(table)) for name, dialect in _DIALECTS.items()}
