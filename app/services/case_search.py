"""Finds cases by what was written in them. Changes nothing."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from app.clock import Clock
from app.db import case_lookups, cases
from app.db.cases import FoundCase, Sought
from app.db.engine import Database, Session
from app.domain.caller import Caller
from app.domain.case import Case, CaseContent, CaseFilters, CasePage, CasePosition
from app.domain.case_search import CaseCriteria
from app.services.case_rows import CaseRows
from app.services.case_words import CaseWords

# What the marks let through is opened and compared; a page ends when so much was.
_MOST_OPENED: Final = 1_000
_BATCH: Final = 200
# A batch after the first takes so many more than the share that met so far tells.
_SPARE: Final = 8

_Opened = tuple[FoundCase, CaseContent]


class CaseSearch:
    """Searches the cases within a caller's reach."""

    def __init__(self, *, database: Database, rows: CaseRows, words: CaseWords, clock: Clock) -> None:
        self._database = database
        self._rows = rows
        self._words = words
        self._clock = clock

    async def search(
        self,
        caller: Caller,
        criteria: CaseCriteria,
        filters: CaseFilters,
        *,
        after: CasePosition | None,
        limit: int,
    ) -> CasePage:
        """Return a page of the cases that meet the criteria, newest first, with numbers masked.

        A page may be shorter than asked for although others follow: where little of what was looked through
        met the criteria.

        Raises:
            ServiceUnavailableError: the database cannot be read.
        """
        sought = Sought(
            receipt_number=criteria.receipt_number,
            applicant_ref=self._words.applicant(criteria.id_number),
            marks=tuple(sorted(self._words.sought(criteria))),
        )
        now = self._clock()
        is_met = criteria.meeting()
        met: list[_Opened] = []
        opened, is_last = 0, False
        async with self._database.search() as session:
            while len(met) <= limit and opened < _MOST_OPENED and not is_last:
                missing = limit + 1 - len(met)
                wanted = _still_to_open(missing, met=len(met), opened=opened, is_sure=criteria.is_narrow)
                found = await cases.list_cases(
                    session,
                    filters,
                    agency_codes=caller.reach,
                    after=after,
                    limit=wanted,
                    now=now,
                    sought=sought,
                )
                # Contents may be long, and hundreds are opened: not on the loop that serves the desks.
                met += await asyncio.to_thread(self._meeting, found, is_met)
                opened += len(found)
                is_last = len(found) < wanted
                if found:
                    after = _position(found[-1])
            items = await self._shown(session, met[:limit], now)
        if len(met) > limit:
            last = items[-1]
            return CasePage(items, CasePosition(last.received_at, last.receipt_number))
        return CasePage(items, None if is_last else after)

    def _meeting(self, found: list[FoundCase], is_met: Callable[[CaseContent], bool]) -> list[_Opened]:
        opened = ((case, self._rows.content(case.row)) for case in found)
        return [(case, content) for case, content in opened if is_met(content)]

    async def _shown(self, session: Session, met: list[_Opened], now: datetime) -> tuple[Case, ...]:
        numbers = [case.row.receipt_number for case, _ in met]
        lookups = await session.run_sync(case_lookups.lookups_of, numbers)
        return tuple(
            self._rows.listed(case, lookups.get(number, ()), now, content=content)
            for number, (case, content) in zip(numbers, met, strict=True)
        )


def _still_to_open(wanted: int, *, met: int, opened: int, is_sure: bool) -> int:
    """Give how many to open next: enough for what is wanted if the share that met so far stays."""
    if opened == 0:
        # To open half as many more costs less than to ask again.
        return wanted if is_sure else wanted + wanted // 2
    expected = _BATCH if met == 0 else wanted * opened // met + _SPARE
    return min(expected, _BATCH)


def _position(found: FoundCase) -> CasePosition:
    return CasePosition(found.row.received_at, found.row.receipt_number)
