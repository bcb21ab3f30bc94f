"""Lists of cases: filters, order and pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.case import CaseFilters, CasePosition
from app.domain.case_status import CaseStatus, Channel
from tests.conftest import NOON
from tests.unit.cases.conftest import APPLICANT, MANAGER, RECEIVER, RECEIVER_BELOW, Desk, SteppedClock

pytestmark = pytest.mark.anyio


async def test_the_newest_case_comes_first(desk: Desk, clock: SteppedClock) -> None:
    numbers = []
    for _ in range(3):
        numbers.append((await desk.register()).receipt_number)
        clock.advance(minutes=1)
    assert await desk.numbers() == numbers[::-1]


async def test_numbers_are_masked_in_lists_only(desk: Desk) -> None:
    case = await desk.register()
    no_number = replace(APPLICANT, id_number=None, other_document="Hộ chiếu C0000001")
    await desk.register(applicant=no_number)
    listed = {shown.receipt_number: shown.content.applicant for shown in (await desk.page()).items}
    assert {applicant.id_number for applicant in listed.values()} == {"100********1", None}
    assert listed[case.receipt_number] == replace(APPLICANT, id_number="100********1")


async def test_paging_neither_loses_nor_repeats_while_others_register(
    desk: Desk, second_desk: Desk, clock: SteppedClock
) -> None:
    there = []
    for turn in range(17):
        caller = RECEIVER if turn % 2 else RECEIVER_BELOW
        there.append((await desk.register(caller)).receipt_number)
        if turn % 3 == 0:
            # Several cases of one moment: the receipt number decides their order.
            clock.advance(seconds=1)
    seen: list[str] = []
    position: CasePosition | None = None
    while True:
        page = await desk.cases.list_cases(MANAGER, CaseFilters(), after=position, limit=4)
        assert len(page.items) <= 4
        seen += [case.receipt_number for case in page.items]
        position = page.next_position
        if position is None:
            break
        clock.advance(seconds=1)
        await second_desk.register()
    assert len(seen) == len(set(seen))
    assert sorted(seen) == sorted(there)


async def test_the_last_page_has_no_next_even_when_it_is_full(desk: Desk) -> None:
    for _ in range(4):
        await desk.register()
    first = await desk.page(limit=2)
    assert first.next_position is not None
    second = await desk.cases.list_cases(RECEIVER, CaseFilters(), after=first.next_position, limit=2)
    assert (len(second.items), second.next_position) == (2, None)


async def test_filters_choose_by_what_the_case_is(desk: Desk) -> None:
    desk_case = (await desk.register()).receipt_number
    online = (await desk.register(channel=Channel.ONLINE)).receipt_number
    other = (await desk.register(procedure_code="1.004222")).receipt_number
    assert await desk.numbers(channel=Channel.ONLINE) == [online]
    assert await desk.numbers(status=CaseStatus.SUBMITTED) == [online]
    assert await desk.numbers(procedure_code="1.004222") == [other]
    assert await desk.numbers(procedure_code="1.004194", channel=Channel.IN_PERSON) == [desk_case]
    assert await desk.numbers(procedure_code="9.999999") == []


async def test_spans_of_time_take_their_beginning_and_leave_their_end(
    desk: Desk, clock: SteppedClock
) -> None:
    first = (await desk.register()).receipt_number
    clock.advance(hours=2)
    second = await desk.register()
    assert await desk.numbers(received_from=NOON, received_to=clock.now) == [first]
    assert await desk.numbers(received_from=NOON + timedelta(microseconds=1)) == [second.receipt_number]
    assert second.due_at is not None
    assert await desk.numbers(due_before=second.due_at) == [first]
    assert await desk.numbers(due_before=second.due_at + timedelta(microseconds=1)) == [
        second.receipt_number,
        first,
    ]


async def test_overdue_is_what_is_open_after_its_due_date(desk: Desk, clock: SteppedClock) -> None:
    late = await desk.register()
    ended = (await desk.register()).receipt_number
    online = (await desk.register(channel=Channel.ONLINE)).receipt_number
    await desk.change_status(ended, "completed")
    assert late.due_at is not None
    clock.now = late.due_at.astimezone(UTC)
    assert await desk.numbers(is_overdue=True) == []
    clock.advance(microseconds=1)
    assert await desk.numbers(is_overdue=True) == [late.receipt_number]
    assert set(await desk.numbers(is_overdue=False)) == {ended, online}
    for case in (await desk.page()).items:
        assert case.clock.is_overdue is (case.receipt_number == late.receipt_number)


async def test_a_position_far_off_gives_an_empty_page_or_all(desk: Desk) -> None:
    await desk.register()
    for year, count in ((1970, 0), (2286, 1)):
        after = CasePosition(datetime(year, 1, 1, tzinfo=UTC), "H24.15-261123-0001")
        page = await desk.cases.list_cases(RECEIVER, CaseFilters(), after=after, limit=1)
        assert len(page.items) == count


async def test_who_reaches_nothing_sees_nothing(desk: Desk) -> None:
    await desk.register()
    assert await desk.numbers(replace(RECEIVER, reach=frozenset())) == []
