"""Asks whether a column has one of many values, without a parameter for each."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, literal
from sqlalchemy.orm import InstrumentedAttribute

from app.db.engine import BlockingSession, Session


def among(
    session: Session | BlockingSession, column: InstrumentedAttribute[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Ask whether the column has one of these values.

    On PostgreSQL they are one parameter: a hundred and fifty cost SQLAlchemy and psycopg more than a page of
    a list costs the database. For plans that are made anew each time: a kept one does not know the values.
    """
    sought = sorted(values)
    if len(sought) != 1 and session.get_bind().dialect.name == "sqlite":
        return column.in_(sought)
    # A single one is told as such: only then does an index give its rows in order.
    wanted = sought[0] if len(sought) == 1 else any_(literal(sought, ARRAY(column.type)))
    is_wanted: ColumnElement[bool] = column == wanted
    return is_wanted
