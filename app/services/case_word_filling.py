"""Marks the cases that a release without search registered: a few at a time, beside the requests."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from app.db import case_words
from app.db.engine import BlockingSession, Database
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

    async def fill(self) -> int:
        """Mark all cases that have no marks yet; return how many this call has marked.

        Raises:
            ServiceUnavailableError: the database failed; what was marked before stays so.
        """
        marked = 0
        while await self._is_needed():
            count = await self._database.change(self._mark_some)
            if not count:
                # Another process has the rest.
                break
            marked += count
        return marked

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Fill now and every minute, until `stopping`: the release before may still be registering."""
        while not stopping.is_set():
            try:
                marked = await self.fill()
                if marked:
                    log.info("cases-marked-for-search", cases=marked)
            except Exception as failure:  # noqa: BLE001 - the next try makes up for it
                log.warning("cases-not-marked-for-search", failure=type(failure).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_SECONDS):
                    await stopping.wait()

    def _mark_some(self, session: BlockingSession) -> int:
        found = case_words.unmarked_cases(session, limit=_BATCH)
        for row in found:
            self._words.put(session, row, self._rows.content(row))
        case_words.note_marked(session, [row.receipt_number for row in found])
        return len(found)

    async def _is_needed(self) -> bool:
        # A look is cheap; a transaction that writes would make others wait on SQLite.
        async with self._database.read() as session:
            return await case_words.has_unmarked_cases(session)
