"""What was used of the budgets on lookups. Counted while the audit log's head is held, so by one at a time.

That lock is why no lookup slips through between two workers, and why none waits for another lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Insert, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.audit_tables import LookupBudget, LookupBudgetPerson
from app.db.engine import BlockingSession, Session
from app.db.tables import Base
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
    vietnam_day,
)

_budgets = Base.metadata.tables[LookupBudget.__tablename__]
_people = Base.metadata.tables[LookupBudgetPerson.__tablename__]
_VALUES: Final = ("lookups", "misses", "people_on", "people")

_USED: Final = select(_budgets).where(_budgets.c.holder.in_(bindparam("holders", expanding=True)))
_KNOWN: Final = select(_people.c.holder, _people.c.day, _people.c.ref).where(
    _people.c.day.in_(bindparam("days", expanding=True)),
    _people.c.ref.in_(bindparam("refs", expanding=True)),
    _people.c.holder.in_(bindparam("holders", expanding=True)),
)
_ADD_PEOPLE: Final = _people.insert()


def _put(dialect: Any) -> Insert:  # noqa: ANN401 - the two modules have no common type
    statement = dialect.insert(_budgets)
    put: Insert = statement.on_conflict_do_update(
        index_elements=["holder"], set_={name: statement.excluded[name] for name in _VALUES}
    )
    return put


_PUT: Final[Mapping[str, Insert]] = {"sqlite": _put(sqlite), "postgresql": _put(postgresql)}


def take(connection: Connection, tolls: Sequence[Charge | Miss], limits: Limits) -> list[TollOutcome]:
    """Take charges and misses from their budgets, in this order; say what came of each.

    Only for who holds the audit log's head.
    """
    holders = {holder for toll in tolls for holder in toll.holders}
    ledger = Ledger(limits, _uses(connection, holders), _known(connection, tolls, holders))
    outcomes = [ledger.take(toll) for toll in tolls]
    now = max(toll.at for toll in tolls)
    rows = [_row(holder, use, now) for holder, use in sorted(ledger.uses.items(), key=lambda item: item[0])]
    if rows:
        connection.execute(_PUT[connection.dialect.name], rows)
    if ledger.added:
        connection.execute(
            _ADD_PEOPLE,
            [{"holder": _key(holder), "day": day, "ref": ref} for holder, day, ref in ledger.added],
        )
    return outcomes


async def ledger_of(session: Session, holders: Sequence[Holder], limits: Limits) -> Ledger:
    """Return how the budgets of these holders stand, to look at."""
    connection = await session.connection()
    uses = await connection.run_sync(_uses, holders)
    return Ledger(limits, uses, ())


def forget_people(session: BlockingSession, *, before: date) -> None:
    """Delete who was asked about on earlier days."""
    session.execute(delete(_people).where(_people.c.day < before))


def _uses(connection: Connection, holders: Iterable[Holder]) -> dict[Holder, Use]:
    found = connection.execute(_USED, {"holders": [_key(holder) for holder in holders]})
    return {
        _holder(row.holder): Use(dict(row.lookups), dict(row.misses), row.people_on, row.people)
        for row in found
    }


def _known(
    connection: Connection, tolls: Sequence[Charge | Miss], holders: Iterable[Holder]
) -> list[tuple[Holder, date, bytes]]:
    charges = [toll for toll in tolls if isinstance(toll, Charge)]
    if not charges:
        return []
    found = connection.execute(
        _KNOWN,
        {
            "days": list({vietnam_day(charge.at) for charge in charges}),
            "refs": list({ref for charge in charges for ref in charge.people}),
            "holders": [_key(holder) for holder in holders],
        },
    )
    return [(_holder(row.holder), row.day, row.ref) for row in found]


def _row(holder: Holder, use: Use, now: datetime) -> dict[str, Any]:
    return {
        "holder": _key(holder),
        "lookups": sorted(pruned(Measure.LOOKUPS, use.lookups, now).items()),
        "misses": sorted(pruned(Measure.MISSES, use.misses, now).items()),
        "people_on": use.people_on,
        "people": use.people,
    }


def _key(holder: Holder) -> str:
    return f"{holder.kind}:{holder.name}"


def _holder(key: str) -> Holder:
    kind, _, name = key.partition(":")
    return Holder(HolderKind(kind), name)
