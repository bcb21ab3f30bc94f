"""Figures of lookups, and what among them is worth a question. Reading them is put on record."""

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.clock import Clock
from app.db import lookup_figures
from app.db.engine import Database
from app.db.lookup_figures import LookupRow
from app.domain import snooping
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller
from app.domain.lookup_report import (
    DEFAULT_SPAN,
    LONGEST_SPAN,
    LookupGrouping,
    LookupReport,
    Span,
    span_of,
)
from app.domain.snooping import Finding, SeenLookup, Thresholds
from app.domain.working_time import WorkCalendar
from app.errors import FieldFaultError
from app.keys.sealing import Seal, SealBrokenError, Sealer
from app.services.audit_data_keys import month_of
from app.services.audit_log import AuditLog
from app.services.audit_reader import READ

_Seals = dict[tuple[str, str], Seal | None]
"""Seals by agency and month; None for one whose key was destroyed, or never made."""

_SNOOPING_SPAN: Final = timedelta(days=7)
_LONGEST_SNOOPING_SPAN: Final = timedelta(days=31)


class LookupReports:
    """Counts lookups and looks through them, within the caller's reach."""

    def __init__(
        self,
        *,
        database: Database,
        audit: AuditLog,
        sealer: Sealer,
        calendar: Callable[[], WorkCalendar],
        thresholds: Thresholds,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audit = audit
        self._sealer = sealer
        self._calendar = calendar
        self._thresholds = thresholds
        self._clock = clock

    async def counts(
        self, caller: Caller, grouping: LookupGrouping, *, since: datetime | None, until: datetime | None
    ) -> LookupReport:
        """Count the lookups that ended in a span, at most ten years, by default the last 30 days.

        Raises:
            FieldFaultError: the span ends before it begins, or is too long.
            ServiceUnavailableError, AuditUnavailableError: as for `AuditReader.records`.
        """
        span = self._span(since, until, default=DEFAULT_SPAN, longest=LONGEST_SPAN)
        async with self._database.search() as session:
            rows = await lookup_figures.lookup_counts(session, grouping, span, reach=caller.reach)
        await self._put_on_record(caller, "lookups", group_by=grouping.value, rows=len(rows))
        return LookupReport(span, tuple(rows))

    async def signs_of_snooping(
        self, caller: Caller, *, since: datetime | None, until: datetime | None
    ) -> tuple[Finding, ...]:
        """Look through the lookups of a span, at most 31 days, by default the last 7.

        The numbers are opened to see whether they are neighbours, and go nowhere from here. Errors as for
        `counts`.
        """
        span = self._span(since, until, default=_SNOOPING_SPAN, longest=_LONGEST_SNOOPING_SPAN)
        checks = snooping.rules(self._thresholds, is_worked=self._calendar().is_working_time)
        seals: _Seals = {}
        async with (
            self._database.search() as session,
            aclosing(lookup_figures.lookups_by_officer(session, span, reach=caller.reach)) as batches,
        ):
            async for batch in batches:
                await self._learn_seals(seals, batch)
                # Thousands of records are opened and read: not on the loop that serves the desks.
                for lookup in await asyncio.to_thread(self._seen, batch, seals):
                    for check in checks:
                        check.see(lookup)
        findings = snooping.found_by(checks)
        await self._put_on_record(caller, "snooping", findings=len(findings))
        return findings

    def _span(
        self, since: datetime | None, until: datetime | None, *, default: timedelta, longest: timedelta
    ) -> Span:
        span = span_of(since, until, now=self._clock(), default=default, longest=longest)
        if span is None:
            raise FieldFaultError("from", "out-of-range")
        return span

    async def _learn_seals(self, seals: _Seals, batch: Sequence[LookupRow]) -> None:
        for row in batch:
            place = (row.agency, month_of(row.at))
            if place not in seals:
                seals[place] = await self._audit.data_keys.to_open(row.agency, row.at)

    def _seen(self, batch: Sequence[LookupRow], seals: _Seals) -> list[SeenLookup]:
        return [
            self._lookup(row, json.loads(row.record), seals[row.agency, month_of(row.at)]) for row in batch
        ]

    def _lookup(self, row: LookupRow, record: dict[str, Any], seal: Seal | None) -> SeenLookup:
        # The first of those concerned is the claimed person or the head; an abandonment names nobody.
        subject = next(iter(record["subjects"]), None)
        return SeenLookup(
            sequence=row.sequence,
            officer=row.officer,
            agency=row.agency,
            at=row.at,
            result=row.result,
            has_case=row.has_case,
            person=subject and subject["ref"],
            number=subject and self._number(subject["sealed"], seal, event_id=record["event_id"]),
        )

    def _number(self, sealed: str, seal: Seal | None, *, event_id: str) -> int | None:
        # Records from before agencies had keys of their own are under the service's.
        for one in (seal, self._sealer):
            with suppress(SealBrokenError):
                if one is not None:
                    return int(one.unseal(b64decode(sealed), place=f"audit:{event_id}:0"))
        # Its key was destroyed, as retention may ask for; the other rules need no number.
        return None

    async def _put_on_record(self, caller: Caller, report: str, **details: str | int) -> None:
        event = AuditEvent.of_caller(caller, kind=AuditKind.ACCESS, at=self._clock())
        await self._audit.append(replace(event, result=READ, details={"report": report, **details}))
