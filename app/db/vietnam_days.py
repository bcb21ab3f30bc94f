"""The day in Vietnam of a moment that is stored in UTC."""

from typing import Any

from sqlalchemy import ColumnElement, func

from app.db.engine import Session


def vietnam_day(session: Session, moment: Any) -> ColumnElement[str]:  # noqa: ANN401 - any column of a moment
    """Give the day as YYYY-MM-DD; Vietnam's clocks have been seven hours ahead of UTC since 1975."""
    if session.get_bind().dialect.name == "sqlite":
        return func.date(moment, "+7 hours")
    return func.to_char(func.timezone("Asia/Ho_Chi_Minh", moment), "YYYY-MM-DD")
