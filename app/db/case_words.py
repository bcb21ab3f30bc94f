"""The keyed marks by which cases are found, and the cases that have none yet. No transaction of its own."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ARRAY, bindparam, exists, false, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.cases import CaseRow
from app.db.engine import BlockingSession, Session
from app.db.tables import Base, CaseFile, CaseWord

_words = Base.metadata.tables[CaseWord.__tablename__]

_ADD_EACH: Final = sqlite.insert(_words).on_conflict_do_nothing()
# A dozen rows in one go: one by one they would cost the driver more than all else of a registration.
_ADD_AT_ONCE: Final = (
    postgresql.insert(_words)
    .from_select(
        ["mark", "received_at"],
        select(
            func.unnest(bindparam("marks", type_=ARRAY(_words.c.mark.type))),
            bindparam("at", type_=_words.c.received_at.type),
        ),
    )
    .on_conflict_do_nothing()
)
_UNMARKED: Final = (
    select(CaseFile)
    .where(CaseFile.has_words == false())
    .order_by(CaseFile.receipt_number)
    .with_for_update(skip_locked=True)
)


def add_words(session: BlockingSession, received_at: datetime, marks: Collection[int]) -> None:
    """Mark the cases of a moment; what is marked already stays so."""
    connection, ordered = session.connection(), sorted(marks)
    if connection.dialect.name == "postgresql":
        connection.execute(_ADD_AT_ONCE, {"marks": ordered, "at": received_at})
    elif ordered:
        connection.execute(_ADD_EACH, [{"mark": mark, "received_at": received_at} for mark in ordered])


def unmarked_cases(session: BlockingSession, *, after: str, limit: int) -> Sequence[CaseRow]:
    """Return cases after a number, without marks that nobody is making, locked until the transaction ends."""
    return session.scalars(_UNMARKED.where(CaseFile.receipt_number > after).limit(limit)).all()


async def has_unmarked_cases(session: Session) -> bool:
    """Tell whether there are cases that nobody has marked yet."""
    found = await session.scalar(select(exists().where(CaseFile.has_words == false())))
    return bool(found)


def note_marked(session: BlockingSession, receipt_numbers: Collection[str]) -> None:
    """Note that cases have their marks."""
    session.execute(
        update(CaseFile).where(CaseFile.receipt_number.in_(receipt_numbers)).values(has_words=True)
    )
