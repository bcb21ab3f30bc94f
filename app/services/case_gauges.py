"""How many cases there are in each status, from the database, looked at once a minute at most."""

import asyncio
import time
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Gauge

from app.clock import Clock
from app.db import case_figures
from app.db.engine import Database
from app.domain.case_status import CaseStatus

log = structlog.get_logger(__name__)

_GOOD_FOR_SECONDS: Final = 60.0
# Whoever scrapes does not wait longer than ten seconds, and the other figures are more urgent.
_LONGEST_LOOK_SECONDS: Final = 5.0


class CaseGauges:
    """Cases by status, of the whole database."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._cases = Gauge(
            "motcua_cases",
            "Cases in the database by status.",
            ("status",),
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self._overdue = Gauge(
            "motcua_cases_overdue",
            "Cases in the database that are open past their due date.",
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self._turn = asyncio.Lock()
        self._good_until = float("-inf")

    async def refresh(self, database: Database, clock: Clock) -> None:
        """Count anew if the last time was long ago; figures that cannot be had stay as they are."""
        async with self._turn:
            if time.monotonic() < self._good_until:
                return
            try:
                async with asyncio.timeout(_LONGEST_LOOK_SECONDS), database.search() as session:
                    counts = await case_figures.status_counts(session, now=clock())
            except Exception as failure:  # noqa: BLE001 - the other figures are told whatever fails here
                log.warning("cases-not-counted", failure=type(failure).__name__)
            else:
                for status in CaseStatus:
                    self._cases.labels(status.value).set(counts.by_status.get(status.value, 0))
                self._overdue.set(counts.overdue)
            # After a failure too: a database in trouble is not asked for this every few seconds.
            self._good_until = time.monotonic() + _GOOD_FOR_SECONDS
