"""What was used of the budgets on lookups. Counted while the audit log's head is held, so by one at a time.

That lock is why no lookup slips through between two workers, and why none waits for another lock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, select

from app.db.audit_tables import LookupBudget, LookupBudgetPerson
from app.db.engine import BlockingSession, Session
from app.db.tables import Base
from app.db.together import Question, Rows, answers_of, statement
from app.domain.budget_ledger import Ledger
from app.domain.lookup_budget import (
    Charge,
    Holder,
    HolderKind,
    Limits,
    Measure,
    Miss,
    TollOutcome,
    Use,
    pruned,
)
from app.domain.working_time import vietnam_day

_budgets = Base.metadata.tables[LookupBudget.__tablename__]
_people = Base.metadata.tables[LookupBudgetPerson.__tablename__]
_USED: Final = statement(lambda one_of: select(_budgets).where(one_of(_budgets.c.holder, "holders")))
_KNOWN: Final = statement(
    lambda one_of: select(_people.c.holder, _people.c.day, _people.c.ref).where(
        one_of(_people.c.day, "days"),
        one_of(_people.c.ref, "refs"),
        one_of(_people.c.holder, "holders"),
    )
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of each toll, and the rows that are to be written for it."""

    outcomes: tuple[TollOutcome, ...] = ()
    budgets: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    people: tuple[dict[str, Any], ...] = field(default=(), repr=False)


def questions(tolls: Sequence[Charge | Miss]) -> tuple[Question, Question]:
    """Ask what was used of the budgets of these tolls, and which of the people are known there."""
    charges = [toll for toll in tolls if isinstance(toll, Charge)]
    holders = _keys({holder for toll in tolls for holder in toll.holders})
    days = list({vietnam_day(charge.at) for charge in charges})
    refs = list({ref for charge in charges for ref in charge.people})
    return (
        Question(_USED, {"holders": holders}),
        Question(_KNOWN, {"days": days, "refs": refs, "holders": holders}),
    )


def taken(tolls: Sequence[Charge | Miss], limits: Limits, *, used: Rows, known: Rows) -> Taken:
    """Take charges and misses from their budgets, in this order; `used` and `known` answer `questions`.

    Only for who has held the audit log's head since before they were asked.
    """
    people = ((_holder(key), day, ref) for key, day, ref in known)
    ledger = Ledger(limits, _uses(used), people)
    outcomes = tuple(ledger.take(toll) for toll in tolls)
    now = max(toll.at for toll in tolls)
    return Taken(
        outcomes,
        tuple(
            _row(holder, use, now) for holder, use in sorted(ledger.uses.items(), key=lambda item: item[0])
        ),
        tuple({"holder": _key(holder), "day": day, "ref": ref} for holder, day, ref in ledger.added),
    )


async def ledger_of(session: Session, holders: Sequence[Holder], limits: Limits) -> Ledger:
    """Return how the budgets of these holders stand, to look at."""
    connection = await session.connection()
    question = Question(_USED, {"holders": _keys(holders)})
    (used,) = await connection.run_sync(answers_of, [question])
    return Ledger(limits, _uses(used), ())


def forget_people(session: BlockingSession, *, before: date) -> None:
    """Delete who was asked about on earlier days."""
    session.execute(delete(_people).where(_people.c.day < before))


def _uses(used: Rows) -> dict[Holder, Use]:
    return {
        _holder(key): Use(dict(lookups), dict(misses), people_on, people)
        for key, lookups, misses, people_on, people in used
    }


def _row(holder: Holder, use: Use, now: datetime) -> dict[str, Any]:
    return {
        "holder": _key(holder),
        "lookups": sorted(pruned(Measure.LOOKUPS, use.lookups, now).items()),
        "misses": sorted(pruned(Measure.MISSES, use.misses, now).items()),
        "people_on": use.people_on,
        "people": use.people,
    }


def _keys(holders: Iterable[Holder]) -> list[str]:
    return [_key(holder) for holder in holders]


def _key(holder: Holder) -> str:
    return f"{holder.kind}:{holder.name}"


def _holder(key: str) -> Holder:
    kind, _, name = key.partition(":")
    return Holder(HolderKind(kind), name)
