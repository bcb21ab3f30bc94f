"""The calendar in force: what the service comes with, and the deployment's overrides as of a moment ago."""

import asyncio
from typing import Final

import structlog

from app.db import calendar
from app.db.engine import Database
from app.domain.day_override import NamedDay, with_overrides
from app.domain.working_time import WorkCalendar
from app.errors import ServiceUnavailableError
from app.pauses import pause

log = structlog.get_logger(__name__)

# A change must be in force everywhere within 60 s; one small question to the database each time.
_PAUSE_SECONDS: Final = 5.0


class WorkingCalendar:
    """Gives the calendar when called, without waiting; `run` keeps it as the database has it."""

    def __init__(self, database: Database, seed: WorkCalendar) -> None:
        self._database = database
        self._seed = seed
        self._overrides: tuple[NamedDay, ...] = ()
        self._calendar: WorkCalendar | None = None

    def __call__(self) -> WorkCalendar:
        """Give the calendar in force.

        Raises:
            ServiceUnavailableError: the overrides could not be read yet, and without them a date may be
                wrong.
        """
        if self._calendar is None:
            raise ServiceUnavailableError(retry_after_seconds=int(_PAUSE_SECONDS))
        return self._calendar

    async def refresh(self) -> None:
        """Read the overrides.

        Raises:
            ServiceUnavailableError: the database cannot be read; what was in force stays so.
        """
        async with self._database.read() as session:
            overrides = tuple(override.named for override in await calendar.overrides(session))
        if self._calendar is None or overrides != self._overrides:
            self._overrides, self._calendar = overrides, with_overrides(self._seed, overrides)

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Refresh again and again, until `stopping`."""
        while not stopping.is_set():
            try:
                await self.refresh()
            except Exception as failure:  # noqa: BLE001 - the next try makes up for it
                log.warning("calendar-refresh-failed", failure=type(failure).__name__)
            await pause(_PAUSE_SECONDS, stopping=stopping)
