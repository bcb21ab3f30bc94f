"""Decides whether lookups made before a case may be tied to it at registration."""

from datetime import datetime
from typing import Final

from app.db.audit_outcomes import LookupOutcome, outcomes_of
from app.db.case_lookups import tied_among
from app.db.engine import BlockingSession
from app.domain.caller import Caller
from app.domain.case import CaseRegistration, LookupOfCase
from app.domain.case_lookup import TieRefusal, tie_refusal
from app.domain.lookup_kind import LookupKind
from app.errors import DomainError, LookupAlreadyTiedError, LookupNotFoundError, PurposeMismatchError

_REFUSALS: Final[dict[TieRefusal, type[DomainError]]] = {
    TieRefusal.NOT_FOUND: LookupNotFoundError,
    TieRefusal.OTHER_PROCEDURE: PurposeMismatchError,
    TieRefusal.OTHER_CASE: LookupAlreadyTiedError,
}


def lookups_to_tie(
    session: BlockingSession, caller: Caller, wanted: CaseRegistration, now: datetime
) -> tuple[LookupOfCase, ...]:
    """Return the lookups that a registration names, oldest first.

    Raises:
        LookupNotFoundError, PurposeMismatchError, LookupAlreadyTiedError: one of them cannot be tied.
    """
    if not wanted.lookup_ids:
        return ()
    outcomes = {outcome.lookup_id: outcome for outcome in outcomes_of(session, wanted.lookup_ids)}
    tied = tied_among(session, wanted.lookup_ids)
    for index, lookup_id in enumerate(wanted.lookup_ids):
        pointer = f"/lookup_ids/{index}"
        outcome = outcomes.get(lookup_id)
        if outcome is None:
            raise LookupNotFoundError(pointer=pointer)
        refusal = tie_refusal(
            is_own=caller.username is not None and outcome.officer == caller.username,
            result=outcome.result,
            answered_at=outcome.at,
            is_same_procedure=outcome.procedure_code == wanted.procedure_code,
            has_case=outcome.receipt_number is not None or lookup_id in tied,
            now=now,
        )
        if refusal is not None:
            raise _REFUSALS[refusal](pointer=pointer)
    return tuple(map(_of_case, sorted(outcomes.values(), key=lambda outcome: outcome.sequence)))


def _of_case(outcome: LookupOutcome) -> LookupOfCase:
    return LookupOfCase(outcome.lookup_id, LookupKind(outcome.lookup_kind), outcome.result, outcome.at)
