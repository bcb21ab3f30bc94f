"""Changes the days that a deployment puts over the calendar; each change is put on record with it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from app.clock import Clock
from app.db import calendar, directory
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.day_override import DayOverride, NamedDay
from app.services.audit_log import AuditLog

DAY_SET: Final = "calendar-day-set"
DAY_REMOVED: Final = "calendar-day-removed"
_BUILT_IN: Final = "built-in"


class CalendarChanges:
    """An operator's changes, by `made_by`; a change concerns everybody and is the root agency's."""

    def __init__(self, *, database: Database, audit: AuditLog, clock: Clock, made_by: str) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._made_by = made_by

    async def put(self, days: Sequence[NamedDay]) -> None:
        """Say of each day whether it is worked, all of them or none; each day may stand there once.

        Raises:
            ServiceUnavailableError, AuditUnavailableError: nothing was changed.
        """
        if not days:
            return
        now = self._clock()
        # In one order, so that two who change the same days wait for each other and not both for ever.
        ordered = sorted(days, key=lambda named: named.day)
        made = [DayOverride(named, self._made_by, now) for named in ordered]
        async with self._database.write() as session:
            old = await calendar.locked_overrides(session, [named.day for named in ordered])
            await calendar.put_overrides(session, made)
            agency = (await directory.agency_tree(session)).root_code
            for named in ordered:
                event = self._event(named.day, old.get(named.day), named, agency=agency, at=now)
                await self._audit.append_within(session, event)

    async def remove(self, day: date) -> bool:
        """Let the calendar that the service comes with hold for the day again; False if it does already.

        Raises:
            ServiceUnavailableError, AuditUnavailableError: nothing was changed.
        """
        async with self._database.write() as session:
            old = (await calendar.locked_overrides(session, [day])).get(day)
            if old is None:
                return False
            await calendar.remove_override(session, day)
            agency = (await directory.agency_tree(session)).root_code
            event = self._event(day, old, None, agency=agency, at=self._clock())
            await self._audit.append_within(session, event)
        return True

    def _event(
        self, day: date, old: NamedDay | None, new: NamedDay | None, *, agency: str | None, at: datetime
    ) -> AuditEvent:
        return AuditEvent(
            kind=AuditKind.CHANGE,
            at=at,
            officer=None,
            agency=agency,
            client=None,
            source_address=None,
            result=DAY_REMOVED if new is None else DAY_SET,
            details={
                "day": day.isoformat(),
                "old": _word(old),
                "new": _word(new),
                "made_by": self._made_by,
            },
        )


def _word(named: NamedDay | None) -> str:
    if named is None:
        return _BUILT_IN
    return "working" if named.is_working else "off"
