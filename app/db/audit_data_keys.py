"""The wrapped data keys of the audit log. Made once for each agency and month, and destroyed by the owner."""

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, CursorResult, Select, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.audit_tables import AuditDataKey
from app.db.engine import Session
from app.db.tables import Base

_keys: Final = Base.metadata.tables[AuditDataKey.__tablename__]


async def wrapped(session: Session, agency: str, month: str) -> bytes | None:
    """Return a wrapped key; None if there is none, or it was destroyed."""
    key: bytes | None = await session.scalar(_of(agency, month))
    return key


def kept(connection: Connection, agency: str, month: str, *, new: bytes) -> bytes | None:
    """Return a wrapped key, and keep `new` first if there never was one; None if it was destroyed."""
    # Most often another process, or this one before its last start, has made it already.
    found = connection.execute(_of(agency, month)).one_or_none()
    if found is None:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        values = {"agency": agency, "month": month, "wrapped": new, "destroyed_at": None}
        connection.execute(insert(_keys).values(values).on_conflict_do_nothing())
        found = connection.execute(_of(agency, month)).one()
    key: bytes | None = found.wrapped
    return key


def _of(agency: str, month: str) -> Select[Any]:
    return select(_keys.c.wrapped).where(_keys.c.agency == agency, _keys.c.month == month)


async def may_destroy(session: Session) -> bool:
    """Tell whether this role may destroy keys: the service's own may not."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(await session.scalar(select(func.has_table_privilege(_keys.name, "UPDATE"))))


async def destroy(session: Session, *, agency: str | None, until: str, since: str, at: datetime) -> int:
    """Destroy the keys of the months from `since` to `until`, of one agency or all; return how many."""
    if session.get_bind().dialect.name == "sqlite":
        # Without it the bytes would stay in the file until something else needs the space.
        await session.execute(text("PRAGMA secure_delete = ON"))
    statement = update(_keys).where(
        _keys.c.month >= since, _keys.c.month <= until, _keys.c.wrapped.is_not(None)
    )
    if agency is not None:
        statement = statement.where(_keys.c.agency == agency)
    done = await session.execute(statement.values(wrapped=None, destroyed_at=at))
    return cast("CursorResult[Any]", done).rowcount
