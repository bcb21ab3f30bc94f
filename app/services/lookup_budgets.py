"""Budgets on lookups as a caller may see them, and what keeps their table small.

Lookups are counted where they are put on record, by the audit log.
"""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from app.clock import Clock
from app.db import lookup_budgets
from app.db.engine import Database
from app.domain.caller import LOOKUP_SCOPES, Caller
from app.domain.lookup_budget import Limits, Measure, Standing, holders_of
from app.domain.working_time import vietnam_day
from app.pauses import pause

log = structlog.get_logger(__name__)

_FORGETTING_PAUSE_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class LookupBudgets:
    """Tells how budgets stand; `limits` is None where they are off."""

    database: Database
    limits: Limits | None
    clock: Clock

    async def of(self, caller: Caller) -> tuple[Standing, ...]:
        """Return the budgets of an officer who may look up, with those of the agency and the system.

        Raises:
            ServiceUnavailableError: the database cannot be read.
        """
        if self.limits is None or caller.is_system or not caller.scopes & LOOKUP_SCOPES:
            return ()
        holders = holders_of(officer=caller.username, agency=caller.agency_code, client=caller.client_id)
        async with self.database.read() as session:
            ledger = await lookup_budgets.ledger_of(session, holders, self.limits)
        now = self.clock()
        return tuple(ledger.standing_of(measure, holder, now) for holder in holders for measure in Measure)

    async def run_forgetting(self, *, stopping: asyncio.Event) -> None:
        """Delete who was asked about on earlier days, now and every hour, until `stopping`."""
        while not stopping.is_set():
            try:
                before = vietnam_day(self.clock())
                await self.database.change(partial(lookup_budgets.forget_people, before=before))
            except Exception as failure:  # noqa: BLE001 - the next try makes up for it
                log.warning("budget-people-not-forgotten", failure=type(failure).__name__)
            await pause(_FORGETTING_PAUSE_SECONDS, stopping=stopping)
