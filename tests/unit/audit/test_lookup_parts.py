"""Which records of the log are of lookups that somebody asked for, on each real database."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.db import audit_outcomes
from app.db.engine import Database
from app.db.lookup_figures import lookup_counts
from app.domain.audit_event import Subject
from app.domain.lookup_kind import LookupKind
from app.domain.lookup_report import LookupGrouping, Span
from app.domain.time_ordered_id import id_of_a_part, time_ordered_id
from app.services.audit_log import AuditLog
from tests.conftest import NOON
from tests.unit.audit.events import NUMBER, make_intent, make_outcome

pytestmark = pytest.mark.anyio

CASE = "H24.15-261123-0001"
HEAD, MEMBER = Subject("head", NUMBER), Subject("member", "100088000002")
SPAN = Span(NOON - timedelta(days=1), NOON + timedelta(days=1))


async def put_household(log: AuditLog, *, result: str | None) -> UUID:
    """Put on record a household checked by its people's records; without a result all is left open."""
    intents = [
        make_intent(
            lookup_id=lookup_id,
            lookup_kind=LookupKind.HOUSEHOLD_HEAD,
            subjects=subjects,
            receipt_number=CASE,
        )
        # The head may be named among the members.
        for lookup_id, subjects in (
            (time_ordered_id(), (HEAD, Subject("member", NUMBER), MEMBER)),
            (id_of_a_part(), (HEAD,)),
            (id_of_a_part(), (MEMBER,)),
        )
    ]
    for intent in intents:
        await log.append(intent)
    if result is not None:
        for intent in intents:
            # The answer carries the old number as well.
            others = tuple(Subject(subject.role, "000000102") for subject in intent.subjects[:1])
            await log.append(make_outcome(intent, result=result, subjects=(*intent.subjects, *others)))
    whole = intents[0].lookup_id
    assert whole is not None
    return whole


async def test_parts_of_a_lookup_are_no_lookups_of_a_case(log: AuditLog, database: Database) -> None:
    answered, failed = [
        await put_household(log, result=result) for result in ("not_found", "population-database-timeout")
    ]
    async with database.read() as session:
        of_case = await session.run_sync(
            audit_outcomes.outcomes_of_case, CASE, at=None, lookup_id=None, limit=10
        )
    assert {outcome.lookup_id for outcome in of_case} == {answered, failed}


async def test_parts_of_a_lookup_are_not_counted_also_if_all_was_abandoned(
    log: AuditLog, database: Database
) -> None:
    await put_household(log, result="confirmed")
    await put_household(log, result="internal-error")
    await put_household(log, result=None)
    await log.sweep(NOON + timedelta(seconds=1))
    async with database.search() as session:
        rows = await lookup_counts(session, LookupGrouping.RESULT, SPAN, reach=["H24.15"])
    assert {row.group: row.lookups for row in rows} == {"abandoned": 1, "confirmed": 1, "internal-error": 1}
