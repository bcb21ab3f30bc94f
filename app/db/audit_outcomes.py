"""How lookups ended, as their OUTCOME records say. Parts of lookups are left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select, true

from app.db.audit_tables import AuditRecord
from app.db.engine import BlockingSession
from app.db.lookup_parts import IS_WHOLE
from app.db.tables import Base
from app.domain.audit_event import AuditKind

_record = Base.metadata.tables[AuditRecord.__tablename__].c


@dataclass(frozen=True, slots=True)
class LookupOutcome:
    """How a lookup ended, from its OUTCOME record."""

    lookup_id: UUID
    lookup_kind: str
    officer: str | None
    agency: str | None
    client: str | None
    procedure_code: str | None
    receipt_number: str | None
    result: str
    at: datetime
    sequence: int


_ENDED: Final = select(
    _record.lookup_id,
    _record.lookup_kind,
    _record.officer,
    _record.agency,
    _record.client,
    _record.procedure_code,
    _record.receipt_number,
    _record.result,
    _record.at,
    _record.sequence,
).where(_record.kind == AuditKind.OUTCOME.value, IS_WHOLE)


def outcomes_of(session: BlockingSession, lookup_ids: Sequence[UUID]) -> list[LookupOutcome]:
    """Return how these lookups ended; one without an OUTCOME is left out."""
    found = session.execute(_ENDED.where(_record.closes.in_(lookup_ids)).order_by(_record.sequence))
    return [LookupOutcome(**row) for row in found.mappings()]


def outcomes_of_case(
    session: BlockingSession,
    receipt_number: str,
    *,
    at: datetime | None,
    lookup_id: UUID | None,
    limit: int,
) -> list[LookupOutcome]:
    """Return how lookups ended that named this case as their purpose: at most `limit`, oldest first.

    Those after a lookup that ended `at` a moment; without the lookup all from that moment on.
    """
    statement = _ENDED.where(_record.receipt_number == receipt_number)
    if at is not None:
        is_among = true() if lookup_id is None else _record.lookup_id > lookup_id
        statement = statement.where(or_(_record.at > at, and_(_record.at == at, is_among)))
    found = session.execute(statement.order_by(_record.at, _record.lookup_id).limit(limit))
    return [LookupOutcome(**row) for row in found.mappings()]
