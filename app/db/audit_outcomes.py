"""How lookups ended, as their OUTCOME records say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.db.audit_tables import AuditRecord
from app.db.engine import BlockingSession
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
).where(_record.kind == AuditKind.OUTCOME.value)


def outcomes_of(session: BlockingSession, lookup_ids: Sequence[UUID]) -> list[LookupOutcome]:
    """Return how these lookups ended; one without an OUTCOME is left out."""
    found = session.execute(_ENDED.where(_record.closes.in_(lookup_ids)).order_by(_record.sequence))
    return [LookupOutcome(**row) for row in found.mappings()]


def outcomes_of_case(session: BlockingSession, receipt_number: str) -> list[LookupOutcome]:
    """Return how the lookups ended that named this case as their purpose, oldest first."""
    found = session.execute(_ENDED.where(_record.receipt_number == receipt_number).order_by(_record.sequence))
    return [LookupOutcome(**row) for row in found.mappings()]
