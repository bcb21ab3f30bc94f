"""Inserts that say what to do when the row is there already."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from app.db.engine import BlockingSession, Session
from app.db.tables import Base


def insert_for(session: Session | BlockingSession, table: type[Base] | Table) -> Any:  # noqa: ANN401 - the two have no common type
    """Begin an insert with `on_conflict_...`, which SQLAlchemy has for each database apart."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)
