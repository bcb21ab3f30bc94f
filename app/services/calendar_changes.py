"""Changes the days that a deployment puts over the calendar; each change is put on record with it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from app.clock import Clock
from app.db import calendar, directory
from app.db.engine import Database, Session
from app.domain.day_override import DayOverride, NamedDay
from app.services.operator_audit import OperatorAuditLog

DAY_SET: Final = "calendar-day-set"
DAY_REMOVED: Final = "calendar-day-removed"
_BUILT_IN: Final = "built-in"


class CalendarChanges:
    """An operator's changes; a change concerns everybody and is the root agency's."""

    def __init__(self, *, database: Database, audit: OperatorAuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

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
        made = [DayOverride(named, self._audit.made_by, now) for named in ordered]
        async with self._database.write() as session:
            old = await calendar.locked_overrides(session, [named.day for named in ordered])
            await calendar.put_overrides(session, made)
            agency = (await directory.agency_tree(session)).root_code
            for named in ordered:
                await self._append(session, named.day, old.get(named.day), named, at=now, agency=agency)

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
            await self._append(session, day, old, None, at=self._clock())
        return True

    async def _append(
        self,
        session: Session,
        day: date,
        old: NamedDay | None,
        new: NamedDay | None,
        *,
        at: datetime,
        agency: str | None = None,
    ) -> None:
        await self._audit.append_result(
            session,
            DAY_REMOVED if new is None else DAY_SET,
            at=at,
            agency=agency,
            details={"day": day.isoformat(), "old": _word(old), "new": _word(new)},
        )


def _word(named: NamedDay | None) -> str:
    if named is None:
        return _BUILT_IN
    return "working" if named.is_working else "off"
