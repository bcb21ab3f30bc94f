"""Days put over the calendar, on each real database: kept, put on record, and in force."""

import asyncio
import json
from datetime import date
from io import StringIO

import pytest
from sqlalchemy import func, select, text

from app.db import audit_tables, tables
from app.db.calendar import overrides
from app.db.engine import Database
from app.domain.day_override import DayOverride, NamedDay
from app.domain.holidays_vn import vietnamese_calendar
from app.errors import AuditUnavailableError, ServiceUnavailableError
from app.keys.sealing import Sealer
from app.services.calendar_changes import CalendarChanges
from app.services.operator_audit import OperatorAuditLog
from app.services.working_calendar import WorkingCalendar
from tests.conftest import NOON
from tests.databases import tampering_within

pytestmark = pytest.mark.anyio

TET = NamedDay(date(2027, 2, 3), is_working=False, name="Nghỉ Tết")
SATURDAY = NamedDay(date(2027, 2, 20), is_working=True, name="Làm bù")


@pytest.fixture
async def changes(database: Database, sealer: Sealer) -> CalendarChanges:
    async with database.write() as session:
        session.add(tables.Agency(code="H24", name="Thành phố", parent_code=None))
        await session.flush()
        session.add(tables.Agency(code="H24.15", name="Phường", parent_code="H24"))
    audit = OperatorAuditLog(database, sealer, lambda: NOON, made_by="cli:operator")
    return CalendarChanges(database=database, audit=audit, clock=lambda: NOON)


@pytest.fixture
async def calendar(database: Database) -> WorkingCalendar:
    return WorkingCalendar(database, vietnamese_calendar([2027]))


async def records(database: Database) -> list[dict[str, object]]:
    async with database.read() as session:
        rows = await session.scalars(
            select(audit_tables.AuditRecord.record).order_by(audit_tables.AuditRecord.sequence)
        )
        return [json.loads(row or b"") for row in rows]


async def kept(database: Database) -> tuple[DayOverride, ...]:
    async with database.read() as session:
        return await overrides(session)


async def test_days_are_kept_with_who_and_when(database: Database, changes: CalendarChanges) -> None:
    await changes.put([SATURDAY, TET])
    assert await kept(database) == (
        DayOverride(TET, "cli:operator", NOON),
        DayOverride(SATURDAY, "cli:operator", NOON),
    )


async def test_each_change_of_a_day_is_on_record_with_old_and_new(
    database: Database, changes: CalendarChanges
) -> None:
    await changes.put([TET, SATURDAY])
    await changes.put([NamedDay(TET.day, is_working=True, name="Làm việc")])
    assert await changes.remove(TET.day)
    found = await records(database)
    assert [(record["result"], record["details"]) for record in found] == [
        (result, {"day": day, "old": old, "new": new, "made_by": "cli:operator"})
        for result, day, old, new in (
            ("calendar-day-set", "2027-02-03", "built-in", "off"),
            ("calendar-day-set", "2027-02-20", "built-in", "working"),
            ("calendar-day-set", "2027-02-03", "off", "working"),
            ("calendar-day-removed", "2027-02-03", "working", "built-in"),
        )
    ]
    assert {(record["kind"], record["agency"], record["officer"]) for record in found} == {
        ("CHANGE", "H24", None)
    }
    assert [override.named for override in await kept(database)] == [SATURDAY]


async def test_what_was_never_said_cannot_be_taken_back(database: Database, changes: CalendarChanges) -> None:
    assert not await changes.remove(TET.day)
    await changes.put([])
    assert await records(database) == []


async def test_a_change_that_cannot_be_put_on_record_is_not_made(
    database: Database, changes: CalendarChanges
) -> None:
    async with tampering_within(database) as session:
        await session.delete(await session.get_one(audit_tables.AuditHead, 1))
    with pytest.raises(AuditUnavailableError) as refused:
        await changes.put([TET])
    assert refused.value.retry_after_seconds
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(tables.CalendarOverride)) == 0


async def test_a_calendar_that_was_never_read_counts_nothing(calendar: WorkingCalendar) -> None:
    with pytest.raises(ServiceUnavailableError) as refused:
        calendar()
    assert refused.value.retry_after_seconds == 5


async def test_a_change_is_in_force_after_the_next_look(
    changes: CalendarChanges, calendar: WorkingCalendar
) -> None:
    await calendar.refresh()
    assert calendar().is_working_day(TET.day)
    await changes.put([TET, SATURDAY])
    assert calendar().is_working_day(TET.day)
    await calendar.refresh()
    assert not calendar().is_working_day(TET.day)
    assert calendar().days_off[TET.day] == "Nghỉ Tết"
    assert calendar().is_working_day(SATURDAY.day)
    await changes.remove(TET.day)
    await calendar.refresh()
    assert calendar().is_working_day(TET.day)


async def test_a_look_that_finds_nothing_new_builds_nothing(calendar: WorkingCalendar) -> None:
    await calendar.refresh()
    before = calendar()
    await calendar.refresh()
    assert calendar() is before


async def test_a_look_that_fails_is_told_and_leaves_what_was_in_force(
    database: Database, changes: CalendarChanges, calendar: WorkingCalendar, logs: StringIO
) -> None:
    await changes.put([TET])
    await calendar.refresh()
    async with database.write() as session:
        await session.execute(text("DROP TABLE calendar_override"))
    stopping = asyncio.Event()
    running = asyncio.create_task(calendar.run(stopping=stopping))
    while "calendar-refresh-failed" not in logs.getvalue():  # noqa: ASYNC110 - only the log tells
        await asyncio.sleep(0.01)
    stopping.set()
    await running
    assert not calendar().is_working_day(TET.day)
