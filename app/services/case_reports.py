"""Figures of cases, for managers. They hold no personal data."""

from datetime import datetime

from app.clock import Clock
from app.db import case_figures
from app.db.engine import Database
from app.domain.caller import Caller
from app.domain.case_report import CaseGrouping, CaseReportRow
from app.domain.case_status import CaseStatus
from app.errors import FieldFaultError


class CaseReports:
    """Counts the cases within a caller's reach."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def counts(
        self, caller: Caller, grouping: CaseGrouping, *, since: datetime | None, until: datetime | None
    ) -> list[CaseReportRow]:
        """Count the cases received in a span, by default all; statuses in the order of the national codes.

        Raises:
            FieldFaultError: the span ends before it begins.
            ServiceUnavailableError: the database cannot be read.
        """
        if since is not None and until is not None and since > until:
            raise FieldFaultError("from", "out-of-range")
        async with self._database.search() as session:
            rows = await case_figures.case_counts(
                session,
                grouping,
                agency_codes=caller.reach,
                since=since,
                until=until,
                now=self._clock(),
            )
        if grouping is CaseGrouping.STATUS:
            rows.sort(key=lambda row: CaseStatus(row.group).number)
        return rows
