"""The lookups of cases: those tied at registration, and those made later with the case as their purpose."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, literal, select, union_all

from app.db.audit_tables import AuditRecord
from app.db.conflicts import insert_for
from app.db.engine import BlockingSession
from app.db.lookup_parts import IS_WHOLE
from app.db.membership import among
from app.db.tables import CaseLookup
from app.domain.audit_event import AuditKind
from app.domain.case import LookupOfCase
from app.domain.case_lookup import ANSWERS
from app.domain.lookup_kind import LookupKind

# In a fixed order, so that the statement's text, and with it its prepared plan, stays the same.
_ANSWERS: Final = tuple(sorted(ANSWERS))


def tie_lookups(session: BlockingSession, receipt_number: str, lookups: Sequence[LookupOfCase]) -> bool:
    """Tie lookups to a case; return False if another case has one of them already.

    The table's key decides between registrations that race: the later one waits for the earlier and then
    finds the lookup taken.
    """
    if not lookups:
        return True
    values = [
        {
            "lookup_id": lookup.lookup_id,
            "receipt_number": receipt_number,
            "kind": lookup.kind.value,
            "result": lookup.result,
            "answered_at": lookup.answered_at,
        }
        # One order for everyone, so that two registrations never wait for each other.
        for lookup in sorted(lookups, key=lambda lookup: lookup.lookup_id)
    ]
    statement = insert_for(session, CaseLookup).values(values).on_conflict_do_nothing()
    tied = session.execute(statement.returning(CaseLookup.lookup_id)).all()
    return len(tied) == len(lookups)


def tied_among(session: BlockingSession, lookup_ids: Collection[UUID]) -> frozenset[UUID]:
    """Tell which of the lookups belong to a case already."""
    found = session.scalars(select(CaseLookup.lookup_id).where(CaseLookup.lookup_id.in_(lookup_ids)))
    return frozenset(found)


def tied_lookups(session: BlockingSession, receipt_number: str) -> list[LookupOfCase]:
    """Return the lookups that were tied to a case at its registration."""
    found = session.scalars(select(CaseLookup).where(CaseLookup.receipt_number == receipt_number))
    return [LookupOfCase(row.lookup_id, LookupKind(row.kind), row.result, row.answered_at) for row in found]


def lookups_of(
    session: BlockingSession, receipt_numbers: Collection[str]
) -> dict[str, tuple[LookupOfCase, ...]]:
    """Return the answered lookups of these cases, oldest first; a case without any is left out."""
    tied = select(
        CaseLookup.receipt_number,
        CaseLookup.lookup_id,
        CaseLookup.kind,
        CaseLookup.result,
        CaseLookup.answered_at,
        literal(-1).label("sequence"),
    ).where(among(session, CaseLookup.receipt_number, receipt_numbers))
    later = select(
        AuditRecord.receipt_number,
        AuditRecord.lookup_id,
        AuditRecord.lookup_kind,
        AuditRecord.result,
        AuditRecord.at,
        AuditRecord.sequence,
    ).where(
        among(session, AuditRecord.receipt_number, receipt_numbers),
        AuditRecord.kind == AuditKind.OUTCOME.value,
        AuditRecord.result.in_(_ANSWERS),
        IS_WHOLE,
    )
    found: dict[str, list[LookupOfCase]] = {}
    statement: Select[Any] = select(union_all(tied, later).subquery()).order_by(
        "answered_at", "sequence", "lookup_id"
    )
    for row in session.execute(statement).mappings():
        lookup = LookupOfCase(row["lookup_id"], LookupKind(row["kind"]), row["result"], row["answered_at"])
        found.setdefault(row["receipt_number"], []).append(lookup)
    return {receipt_number: tuple(lookups) for receipt_number, lookups in found.items()}
