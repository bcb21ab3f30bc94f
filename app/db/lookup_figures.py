"""Counts of lookups, and the lookups themselves in the order in which officers made them. Reads only.

What a lookup asked for in parts is one lookup here.
"""

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text

from app.db.audit_tables import AuditRecord
from app.db.engine import Session
from app.db.lookup_parts import IS_WHOLE
from app.db.tables import Base, CaseLookup
from app.db.vietnam_days import vietnam_day
from app.domain.audit_event import AuditKind
from app.domain.lookup_report import LookupGrouping, LookupReportRow, Span

_record = Base.metadata.tables[AuditRecord.__tablename__].c
_BATCH: Final = 1_000

_COLUMNS: Final[dict[LookupGrouping, ColumnElement[Any]]] = {
    LookupGrouping.OFFICER: _record.officer,
    LookupGrouping.AGENCY: _record.agency,
    LookupGrouping.PROCEDURE: _record.procedure_code,
    LookupGrouping.KIND: _record.lookup_kind,
    LookupGrouping.RESULT: _record.result,
}
_has_case = or_(_record.receipt_number.is_not(None), CaseLookup.receipt_number.is_not(None))


@dataclass(frozen=True, slots=True)
class LookupRow:
    """One lookup that has ended, as its last record tells it."""

    sequence: int
    officer: str
    agency: str
    lookup_id: UUID
    at: datetime
    result: str
    has_case: bool
    record: bytes = field(repr=False)


async def lookup_counts(
    session: Session, grouping: LookupGrouping, span: Span, *, reach: Collection[str]
) -> list[LookupReportRow]:
    """Count the lookups that ended in a span, each once; in the order of the groups.

    A lookup has ended when the register's answer, its failure or the lookup's abandonment is on record.
    """
    group = func.coalesce(
        vietnam_day(session, _record.at) if grouping is LookupGrouping.DAY else _COLUMNS[grouping], ""
    )
    without_case = func.count().filter(~_has_case)
    statement = (
        _ended(group.label("group"), func.count().label("lookups"), without_case.label("without_case"))
        .where(_within(span, reach))
        .group_by(group)
        .order_by(group)
    )
    return [LookupReportRow(*row) for row in await session.execute(statement)]


async def lookups_by_officer(
    session: Session, span: Span, *, reach: Collection[str]
) -> AsyncGenerator[list[LookupRow]]:
    """Yield the lookups of officers that ended in a span, in batches, each officer's together in order.

    One query, as each would sort the whole span anew. The database keeps it open within the transaction.
    """
    columns = (
        _record.sequence,
        _record.officer,
        _record.agency,
        _record.lookup_id,
        _record.at,
        _record.result,
        _has_case.label("has_case"),
        _record.record,
    )
    if session.get_bind().dialect.name == "postgresql":
        # Whoever opens a cursor is taken to want its first tenth, which the index by officers would give
        # soonest: with a look at every record that there is.
        await session.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
    statement = (
        _ended(*columns)
        .where(_within(span, reach), _record.officer.is_not(None))
        .order_by(_record.officer, _record.sequence)
        .execution_options(yield_per=_BATCH)
    )
    found = await session.stream(statement)
    try:
        async for batch in found.partitions():
            yield [LookupRow(*row) for row in batch]
    finally:
        await found.close()


def _ended(*columns: Any) -> Select[Any]:  # noqa: ANN401 - what a select takes
    return (
        select(*columns)
        .select_from(AuditRecord)
        .outerjoin(CaseLookup, CaseLookup.lookup_id == _record.lookup_id)
        # What was pruned says no more than that it was.
        .where(_record.kind.in_([AuditKind.OUTCOME.value, AuditKind.ABANDONED.value]))
        .where(_record.closes.is_not(None), IS_WHOLE)
    )


def _within(span: Span, reach: Collection[str]) -> ColumnElement[bool]:
    return and_(_record.at >= span.since, _record.at < span.until, _record.agency.in_(sorted(reach)))
