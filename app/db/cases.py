"""Cases and the counters of their receipt numbers. No business rule, no transaction of its own."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from app.db.conflicts import insertion
from app.db.engine import BlockingSession, Session
from app.db.membership import among
from app.db.tables import Agency, Base, CaseFile, CaseWord, ReceiptCounter
from app.db.types import UtcDateTime
from app.domain.case import CaseFilters, CasePosition
from app.domain.case_status import ENDED

CaseRow = CaseFile

_NEWEST_FIRST: Final = (CaseFile.received_at.desc(), CaseFile.receipt_number.desc())

_files = Base.metadata.tables[CaseFile.__tablename__]
_counters = Base.metadata.tables[ReceiptCounter.__tablename__]

_ADD: Final = insert(_files)
_COUNT_UP: Final = insertion(
    _counters,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[_counters.c.agency_code, _counters.c.day],
        set_={"last_number": _counters.c.last_number + 1},
    ).returning(_counters.c.last_number),
)

# In a fixed order, so that the statement's text, and with it its prepared plan, stays the same.
ENDED_STATUSES: Final = tuple(sorted(ENDED))


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case's row and its agency's name."""

    row: CaseRow
    agency_name: str


@dataclass(frozen=True, slots=True)
class Sought:
    """By what cases are found: a number, a keyed reference, and keyed marks that all must be there."""

    receipt_number: str | None = None
    applicant_ref: bytes | None = field(default=None, repr=False)
    marks: tuple[int, ...] = field(default=(), repr=False)


def take_receipt_number(session: BlockingSession, *, agency_code: str, day: date) -> int:
    """Count one more receipt of the agency on the day, from 1, and return the count.

    The counter's row stays locked until the transaction ends, and a rollback takes the count back: that is
    what keeps the numbers without gaps.
    """
    first = {"agency_code": agency_code, "day": day, "last_number": 1}
    # On the connection: the ORM would cost more than the statement.
    connection = session.connection()
    counted: int = connection.execute(_COUNT_UP[connection.dialect.name], first).scalar_one()
    return counted


def add_case(session: BlockingSession, row: CaseRow) -> None:
    """Insert a case."""
    session.connection().execute(_ADD, {column.key: getattr(row, column.key) for column in _files.c})


def find_case(
    session: BlockingSession,
    receipt_number: str,
    *,
    agency_codes: Collection[str],
    is_to_change: bool = False,
) -> FoundCase | None:
    """Return a case of one of these agencies; None if there is none.

    One that is to be changed is locked until the transaction ends, and read as it stands then.
    """
    statement = (
        select(CaseFile, Agency.name)
        .join(Agency, Agency.code == CaseFile.agency_code)
        .where(CaseFile.receipt_number == receipt_number, among(session, CaseFile.agency_code, agency_codes))
    )
    if is_to_change:
        statement = statement.with_for_update(of=CaseFile)
    found = session.execute(statement).one_or_none()
    return None if found is None else FoundCase(*found)


async def list_cases(
    session: Session,
    filters: CaseFilters,
    *,
    agency_codes: Collection[str],
    after: CasePosition | None,
    limit: int,
    now: datetime,
    sought: Sought | None = None,
) -> list[FoundCase]:
    """Return at most `limit` cases of these agencies after a position, newest first."""
    conditions = [among(session, CaseFile.agency_code, agency_codes), *_conditions(filters, now)]
    if after is not None:
        place = tuple_(CaseFile.received_at, CaseFile.receipt_number)
        conditions.append(place < (after.received_at, after.receipt_number))
    if sought is not None:
        # Found by their keys first, which indexes have: most of what the marks let through is of others.
        found = select(CaseFile.receipt_number).where(*conditions, *_seeking(sought, after))
        conditions = [CaseFile.receipt_number.in_(found.order_by(*_NEWEST_FIRST).limit(limit))]
    statement = (
        select(CaseFile, Agency.name)
        .join(Agency, Agency.code == CaseFile.agency_code)
        .where(*conditions)
        .order_by(*_NEWEST_FIRST)
        .limit(limit)
    )
    return [FoundCase(*one) for one in await session.execute(statement)]


def _seeking(sought: Sought, after: CasePosition | None) -> Iterator[ColumnElement[bool]]:
    if sought.receipt_number is not None:
        yield CaseFile.receipt_number == sought.receipt_number
    if sought.applicant_ref is not None:
        yield CaseFile.applicant_ref == sought.applicant_ref
    for mark in sought.marks:
        word = aliased(CaseWord)
        # By one column: PostgreSQL would take two for independent, expect a single row of half the table,
        # and sort it all for a page.
        marked = exists().where(word.mark == mark, word.received_at == CaseFile.received_at)
        if after is not None:
            # Said of each mark too: what a column is equal to tells PostgreSQL nothing of its bounds.
            marked = marked.where(word.received_at <= after.received_at)
        yield marked


_CONDITIONS: Final[dict[str, Callable[[Any], ColumnElement[bool]]]] = {
    "status": lambda status: CaseFile.status == status,
    "procedure_code": lambda code: CaseFile.procedure_code == code,
    "channel": lambda channel: CaseFile.channel == channel,
    "received_from": lambda moment: CaseFile.received_at >= moment,
    "received_to": lambda moment: CaseFile.received_at < moment,
    "due_before": lambda moment: CaseFile.due_at < moment,
}


def _conditions(filters: CaseFilters, now: datetime) -> list[ColumnElement[bool]]:
    asked = {name: getattr(filters, name) for name in _CONDITIONS}
    conditions = [_CONDITIONS[name](value) for name, value in asked.items() if value is not None]
    if filters.is_overdue is not None:
        conditions.append(is_overdue(now) if filters.is_overdue else _not_overdue(now))
    return conditions


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Ask for open cases after their due date; the clock of one that waits for a supplement stands."""
    return and_(CaseFile.due_at < _moment(now), CaseFile.status.not_in(ENDED_STATUSES))


def _not_overdue(now: datetime) -> ColumnElement[bool]:
    return or_(
        CaseFile.due_at.is_(None), CaseFile.due_at >= _moment(now), CaseFile.status.in_(ENDED_STATUSES)
    )


def _moment(now: datetime) -> ColumnElement[datetime]:
    return func.coalesce(CaseFile.supplement_since, literal(now, UtcDateTime()))
