"""The keyed marks by which cases are found, and the cases that have none yet. No transaction of its own."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, exists, false, select, update

from app.db.cases import CaseRow
from app.db.conflicts import insert_for
from app.db.engine import Session
from app.db.tables import CaseFile, CaseWord

_UNMARKED: Final = (
    select(CaseFile)
    .where(CaseFile.has_words == false())
    .order_by(CaseFile.receipt_number)
    .with_for_update(skip_locked=True)
)


async def add_words(
    session: Session, receipt_number: str, received_at: datetime, marks: Collection[int]
) -> None:
    """Mark a case; what is marked already stays so."""
    rows = [
        {"mark": mark, "received_at": received_at, "receipt_number": receipt_number} for mark in sorted(marks)
    ]
    if rows:
        await session.execute(insert_for(session, CaseWord).on_conflict_do_nothing(), rows)


async def remove_words(
    session: Session, receipt_number: str, received_at: datetime, marks: Collection[int]
) -> None:
    """Take marks off a case."""
    await session.execute(
        delete(CaseWord).where(
            CaseWord.mark.in_(marks),
            CaseWord.received_at == received_at,
            CaseWord.receipt_number == receipt_number,
        )
    )


async def unmarked_cases(session: Session, *, limit: int) -> Sequence[CaseRow]:
    """Return cases without marks that nobody else is marking, locked until the transaction ends."""
    return (await session.scalars(_UNMARKED.limit(limit))).all()


async def has_unmarked_cases(session: Session) -> bool:
    """Tell whether there are cases that nobody has marked yet."""
    found = await session.scalar(select(exists().where(CaseFile.has_words == false())))
    return bool(found)


async def note_marked(session: Session, receipt_numbers: Collection[str]) -> None:
    """Note that cases have their marks."""
    await session.execute(
        update(CaseFile).where(CaseFile.receipt_number.in_(receipt_numbers)).values(has_words=True)
    )
