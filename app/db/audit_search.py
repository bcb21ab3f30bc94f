"""Questions to the audit log's table. Reads only."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select

from app.db.audit_tables import AuditRecord
from app.db.engine import Session
from app.db.tables import Base
from app.domain.audit_search import AuditFilters, StoredRecord

_record = Base.metadata.tables[AuditRecord.__tablename__].c
_columns = (_record.sequence, _record.record, _record.leaf_hash)


async def records(
    session: Session, *, reach: Collection[str], filters: AuditFilters, before: int | None, limit: int
) -> list[StoredRecord]:
    """Return records of the agencies in `reach`, newest first, from below the sequence `before`."""
    found = await session.execute(
        select(*_columns)
        .where(_within(reach), *_conditions(filters))
        .where(*() if before is None else (_record.sequence < before,))
        .order_by(_record.sequence.desc())
        .limit(limit)
    )
    return [StoredRecord(*row) for row in found]


async def record(session: Session, *, reach: Collection[str], sequence: int) -> StoredRecord | None:
    """Return one record, if it is of an agency in `reach`."""
    found = await session.execute(select(*_columns).where(_record.sequence == sequence, _within(reach)))
    row = found.one_or_none()
    return row and StoredRecord(*row)


async def content(session: Session, sequence: int) -> bytes | None:
    """Return a record's canonical bytes, whoever it is of; for who holds the database."""
    found = await session.execute(select(_record.record).where(_record.sequence == sequence))
    return found.scalar_one_or_none()


def _within(reach: Collection[str]) -> ColumnElement[bool]:
    if len(reach) == 1:
        return _record.agency == next(iter(reach))
    # Hidden from the planner in a function: by the index of agencies it would fetch and sort all records of
    # all these agencies to show the newest few. A record without an agency is in nobody's reach.
    return func.coalesce(_record.agency, "").in_(sorted(reach))


def _conditions(filters: AuditFilters) -> list[ColumnElement[bool]]:
    equal = {
        _record.officer: filters.officer,
        _record.agency: filters.agency,
        _record.kind: filters.kind and filters.kind.value,
        _record.lookup_id: filters.lookup_id,
        _record.receipt_number: filters.receipt_number,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if filters.since is not None:
        conditions.append(_record.at >= filters.since)
    if filters.until is not None:
        conditions.append(_record.at < filters.until)
    return conditions
