"""Questions to the audit log about one person. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, or_, select

from app.db.audit_tables import AuditRecord, AuditSubject
from app.db.engine import Session
from app.db.tables import Base, CaseLookup

_record = Base.metadata.tables[AuditRecord.__tablename__].c
_subject = Base.metadata.tables[AuditSubject.__tablename__].c


@dataclass(frozen=True, slots=True)
class Look:
    """The records of one look at a person, in their order, and the case that it was tied to later."""

    last: int
    records: tuple[tuple[int, bytes], ...]
    tied_to: str | None


async def looks_at(
    session: Session,
    ref: bytes,
    *,
    reach: Collection[str],
    since: datetime | None,
    until: datetime | None,
    before: int | None,
    limit: int,
) -> list[Look]:
    """Return the looks at a person by agencies in `reach`, the latest first.

    A look's place is that of the last record of it that names the person; `before` is such a place.
    """
    # A record of a lookup has its id; any other is a look of its own.
    own = case((_record.lookup_id.is_(None), _record.sequence))
    last = func.max(_record.sequence)
    statement = (
        select(last.label("last"), _record.lookup_id)
        .join_from(AuditSubject, AuditRecord, _record.sequence == _subject.sequence)
        .where(_subject.ref == ref, _record.agency.in_(sorted(reach)))
        .group_by(_record.lookup_id, own)
        .order_by(last.desc())
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(_record.at >= since)
    if until is not None:
        statement = statement.where(_record.at < until)
    if before is not None:
        statement = statement.having(last < before)
    found = [(row.last, row.lookup_id) for row in await session.execute(statement)]
    return await _looks(session, found)


async def _looks(session: Session, found: Sequence[tuple[int, UUID | None]]) -> list[Look]:
    lookup_ids = [lookup_id for _, lookup_id in found if lookup_id is not None]
    alone = [last for last, lookup_id in found if lookup_id is None]
    rows = await session.execute(
        select(_record.sequence, _record.lookup_id, _record.record)
        .where(or_(_record.lookup_id.in_(lookup_ids), _record.sequence.in_(alone)))
        .order_by(_record.sequence)
    )
    records: dict[UUID | int, list[tuple[int, bytes]]] = defaultdict(list)
    for row in rows:
        records[row.lookup_id or row.sequence].append((row.sequence, row.record))
    ties = await session.execute(
        select(CaseLookup.lookup_id, CaseLookup.receipt_number).where(CaseLookup.lookup_id.in_(lookup_ids))
    )
    tied = {row.lookup_id: row.receipt_number for row in ties}
    return [
        Look(last, tuple(records[lookup_id or last]), None if lookup_id is None else tied.get(lookup_id))
        for last, lookup_id in found
    ]
