"""Receipt numbers: counted per agency and day in Vietnam, without gap or repeat, whatever happens."""

import asyncio
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.errors import LookupNotFoundError, ServiceUnavailableError
from tests.unit.cases.conftest import (
    PORTAL,
    RECEIVER,
    STRANGER,
    Desk,
    SteppedClock,
    set_counter,
)

pytestmark = pytest.mark.anyio


def expected(count: int, *, first: int = 1) -> list[str]:
    return [f"H24.15-261123-{number:04d}" for number in range(first, first + count)]


async def test_fifty_parallel_registrations_get_fifty_consecutive_numbers(
    desk: Desk, second_desk: Desk
) -> None:
    desks = [desk, second_desk] * 25
    cases = await asyncio.gather(*(each.register() for each in desks))
    assert sorted(case.receipt_number for case in cases) == expected(50)


async def test_parallel_registrations_at_several_agencies_count_apart(desk: Desk, second_desk: Desk) -> None:
    callers = [(desk, RECEIVER), (second_desk, STRANGER)] * 10
    cases = await asyncio.gather(*(each.register(caller) for each, caller in callers))
    numbers = sorted(case.receipt_number for case in cases)
    assert numbers[:10] == expected(10)
    assert numbers[10:] == [number.replace("H24.15", "H24.16") for number in expected(10)]


async def test_a_refused_registration_burns_no_number(desk: Desk) -> None:
    with pytest.raises(LookupNotFoundError):
        await desk.register(lookup_ids=(uuid4(),))
    assert (await desk.register()).receipt_number == expected(1)[0]


async def test_a_registration_that_cannot_be_audited_saves_nothing_and_burns_no_number(desk: Desk) -> None:
    async with desk.database.write() as session:
        await session.execute(text("ALTER TABLE audit_record RENAME TO audit_record_gone"))
    # SQLite calls it a failure of its own, PostgreSQL a statement that is wrong.
    with pytest.raises((ServiceUnavailableError, ProgrammingError)):
        await desk.register()
    async with desk.database.write() as session:
        await session.execute(text("ALTER TABLE audit_record_gone RENAME TO audit_record"))
    assert await desk.numbers() == []
    assert (await desk.register()).receipt_number == expected(1)[0]


async def test_cancelled_registrations_leave_no_gap(desk: Desk) -> None:
    tasks = [asyncio.create_task(desk.register()) for _ in range(20)]
    for turn, task in enumerate(tasks):
        # Some still wait for a connection, some are at work, some are done.
        await asyncio.sleep(0.0005 * turn)
        if turn % 2:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await desk.register()
    numbers = await desk.numbers()
    assert sorted(numbers) == expected(len(numbers))
    assert len(numbers) >= 11


async def test_the_day_changes_at_midnight_in_vietnam(desk: Desk, clock: SteppedClock) -> None:
    clock.now = datetime(2026, 11, 23, 16, 59, 59, 999_999, tzinfo=UTC)
    assert (await desk.register()).receipt_number == "H24.15-261123-0001"
    assert (await desk.register()).receipt_number == "H24.15-261123-0002"
    clock.advance(microseconds=1)
    assert (await desk.register()).receipt_number == "H24.15-261124-0001"


async def test_the_number_grows_a_digit_past_9999(desk: Desk) -> None:
    await set_counter(desk, "H24.15", date(2026, 11, 23), 9_998)
    numbers = [(await desk.register()).receipt_number for _ in range(3)]
    assert numbers == ["H24.15-261123-9999", "H24.15-261123-10000", "H24.15-261123-10001"]
    assert (await desk.cases.get(RECEIVER, "H24.15-261123-10001")).version == 1


async def test_a_system_and_an_officer_share_their_agencys_counter(desk: Desk) -> None:
    await desk.register()
    case = await desk.register(PORTAL, agency_code="H24.15")
    assert case.receipt_number == expected(1, first=2)[0]
