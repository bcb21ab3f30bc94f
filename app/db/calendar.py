"""Reads and changes the days that a deployment puts over the calendar it comes with."""

from collections.abc import Collection, Sequence
from dataclasses import astuple
from datetime import date

from sqlalchemy import delete, select

from app.db.conflicts import insert_for
from app.db.engine import Session
from app.db.tables import CalendarOverride
from app.domain.day_override import DayOverride, NamedDay


async def overrides(session: Session) -> tuple[DayOverride, ...]:
    """Read all of them, in the order of their days."""
    rows = await session.scalars(select(CalendarOverride).order_by(CalendarOverride.day))
    return tuple(
        DayOverride(NamedDay(row.day, row.is_working, row.name), row.made_by, row.made_at) for row in rows
    )


async def locked_overrides(session: Session, days: Collection[date]) -> dict[date, NamedDay]:
    """Read those of some days, and let nobody else change them until the transaction ends."""
    statement = select(CalendarOverride).where(CalendarOverride.day.in_(days)).with_for_update()
    rows = await session.scalars(statement.order_by(CalendarOverride.day))
    return {row.day: NamedDay(row.day, row.is_working, row.name) for row in rows}


async def put_overrides(session: Session, wanted: Sequence[DayOverride]) -> None:
    """Insert days, or replace what was said of them."""
    names = ("day", "is_working", "name")
    rows = [
        dict(zip(names, astuple(override.named), strict=True))
        | {"made_by": override.made_by, "made_at": override.made_at}
        for override in wanted
    ]
    insert = insert_for(session, CalendarOverride)
    changed = {name: insert.excluded[name] for name in rows[0] if name != "day"}
    await session.execute(insert.on_conflict_do_update(index_elements=["day"], set_=changed), rows)


async def remove_override(session: Session, day: date) -> None:
    """Delete what was said of a day."""
    await session.execute(delete(CalendarOverride).where(CalendarOverride.day == day))
