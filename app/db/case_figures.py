"""Counts of cases. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.cases import ENDED_STATUSES, is_overdue
from app.db.engine import Session
from app.db.membership import among
from app.db.tables import CaseFile
from app.db.vietnam_days import vietnam_day
from app.domain.case_report import MOST_SUPPLEMENTS_IN_TIME, CaseGrouping, CaseReportRow
from app.domain.case_status import CaseStatus

_GROUPS: Final[dict[CaseGrouping, InstrumentedAttribute[str]]] = {
    CaseGrouping.STATUS: CaseFile.status,
    CaseGrouping.PROCEDURE: CaseFile.procedure_code,
    CaseGrouping.AGENCY: CaseFile.agency_code,
    CaseGrouping.OFFICER: CaseFile.registered_by,
}
_COMPLETED: Final = (CaseStatus.COMPLETED.value, CaseStatus.RETURNED.value)

_is_completed = CaseFile.status.in_(_COMPLETED)
_is_in_time = and_(
    CaseFile.ended_at <= CaseFile.due_at, CaseFile.supplement_requests <= MOST_SUPPLEMENTS_IN_TIME
)


async def case_counts(
    session: Session,
    grouping: CaseGrouping,
    *,
    agency_codes: Collection[str],
    since: datetime | None,
    until: datetime | None,
    now: datetime,
) -> list[CaseReportRow]:
    """Count the cases of these agencies that were received in a span; in the order of the groups' names."""
    group = vietnam_day(session, CaseFile.received_at) if grouping is CaseGrouping.DAY else _GROUPS[grouping]
    statement = (
        select(
            group,
            func.count(),
            func.count().filter(CaseFile.status.not_in(ENDED_STATUSES)),
            func.count().filter(_is_completed, _is_in_time),
            func.count().filter(_is_completed, ~_is_in_time),
            func.count().filter(is_overdue(now)),
        )
        .where(among(session, CaseFile.agency_code, agency_codes))
        .group_by(group)
        .order_by(group)
    )
    if since is not None:
        statement = statement.where(CaseFile.received_at >= since)
    if until is not None:
        statement = statement.where(CaseFile.received_at < until)
    return [CaseReportRow(*row) for row in await session.execute(statement)]


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """How many cases of the whole database are in each status, and how many are overdue."""

    by_status: dict[str, int]
    overdue: int


async def status_counts(session: Session, *, now: datetime) -> StatusCounts:
    """Count all cases by status in one reading of the table."""
    rows = await session.execute(
        select(CaseFile.status, func.count(), func.count().filter(is_overdue(now))).group_by(CaseFile.status)
    )
    counts = [(str(status), int(cases), int(overdue)) for status, cases, overdue in rows]
    return StatusCounts({status: cases for status, cases, _ in counts}, sum(late for *_, late in counts))
