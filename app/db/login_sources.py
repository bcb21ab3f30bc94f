"""Counts bad log-ins by where they come from. No business rule, no transaction of its own."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, delete, select

from app.db.conflicts import insert_for
from app.db.engine import Session
from app.db.tables import LoginSource


class Failures(NamedTuple):
    """How many bad log-ins came from an address, and since when they are counted."""

    failed: int
    since: datetime


async def failures(session: Session, address: str, *, after: datetime) -> Failures | None:
    """Read the count of an address, unless it began at that moment or before."""
    rows = await session.execute(
        select(LoginSource.failures, LoginSource.since).where(
            LoginSource.address == address, LoginSource.since > after
        )
    )
    row = rows.one_or_none()
    return None if row is None else Failures(*row)


async def count_failure(session: Session, address: str, *, now: datetime, after: datetime) -> Failures:
    """Count one, anew if the count there is began at `after` or before, and return the count with it."""
    is_old = LoginSource.since <= after
    insert = insert_for(session, LoginSource).values(address=address, failures=1, since=now)
    statement = insert.on_conflict_do_update(
        index_elements=["address"],
        set_={
            "failures": case((is_old, 1), else_=LoginSource.failures + 1),
            "since": case((is_old, now), else_=LoginSource.since),
        },
    )
    rows = await session.execute(statement.returning(LoginSource.failures, LoginSource.since))
    return Failures(*rows.one())


async def forget(session: Session, *, before: datetime) -> None:
    """Forget the counts that began before a moment."""
    await session.execute(delete(LoginSource).where(LoginSource.since < before))
