"""Marks the cases that a release without search registered: a few at a time, beside the requests."""

import asyncio
from functools import partial
from typing import Final

import structlog

from app.db import case_words
from app.db.engine import BlockingSession, Database
from app.keys.sealing import SealBrokenError
from app.pauses import pause
from app.services.case_rows import CaseRows
from app.services.case_words import CaseWords

log = structlog.get_logger(__name__)

_BATCH: Final = 100
_PAUSE_SECONDS: Final = 60.0


class CaseWordFilling:
    """Gives marks to cases that have none; several processes share the work."""

    def __init__(self, *, database: Database, rows: CaseRows, words: CaseWords) -> None:
        self._database = database
        self._rows = rows
        self._words = words

    async def fill(self, *, stopping: asyncio.Event | None = None) -> int:
        """Mark all cases that have no marks yet, until `stopping`; return how many this call has marked.

        Raises:
            ServiceUnavailableError: the database failed; what was marked before stays so.
        """
        marked, after = 0, ""
        while not (stopping and stopping.is_set()) and await self._is_needed():
            found, done = await self._database.change(partial(self._mark_some, after=after))
            if not found:
                # Another process has the rest, or it cannot be opened.
                break
            marked, after = marked + done, found[-1]
        return marked

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Fill now and every minute, until `stopping`: the release before may still be registering."""
        while not stopping.is_set():
            try:
                marked = await self.fill(stopping=stopping)
                if marked:
                    log.info("cases-marked-for-search", cases=marked)
            except Exception as failure:  # noqa: BLE001 - the next try makes up for it
                log.warning("cases-not-marked-for-search", failure=type(failure).__name__)
            await pause(_PAUSE_SECONDS, stopping=stopping)

    def _mark_some(self, session: BlockingSession, *, after: str) -> tuple[list[str], int]:
        """Mark the next cases; give the numbers of those that were looked at, and how many were marked."""
        found = case_words.unmarked_cases(session, after=after, limit=_BATCH)
        marked = []
        for row in found:
            try:
                content = self._rows.content(row)
            except SealBrokenError:
                # The others shall be found all the same.
                log.error("case-not-opened", receipt_number=row.receipt_number)  # noqa: TRY400 - no traceback
                continue
            self._words.put(session, row, content)
            marked.append(row.receipt_number)
        case_words.note_marked(session, marked)
        return [row.receipt_number for row in found], len(marked)

    async def _is_needed(self) -> bool:
        # A look is cheap; a transaction that writes would make others wait on SQLite.
        async with self._database.read() as session:
            return await case_words.has_unmarked_cases(session)
