"""Lookups of a case: tied at registration, or made later for it."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.errors import LookupAlreadyTiedError, LookupNotFoundError, PurposeMismatchError
from tests.unit.cases.conftest import COLLEAGUE, PORTAL, RECEIVER, Desk, SteppedClock

pytestmark = pytest.mark.anyio


async def lookups_of(desk: Desk, receipt_number: str) -> list[UUID]:
    case = await desk.cases.get(RECEIVER, receipt_number)
    return [lookup.lookup_id for lookup in case.lookups]


async def test_lookups_made_before_are_tied_oldest_first(desk: Desk, clock: SteppedClock) -> None:
    first = await desk.look_up()
    clock.advance(minutes=1)
    second = await desk.look_up(result="not_found")
    case = await desk.register(lookup_ids=(second, first))
    assert [(lookup.lookup_id, lookup.result) for lookup in case.lookups] == [
        (first, "exists"),
        (second, "not_found"),
    ]
    assert await desk.cases.get(RECEIVER, case.receipt_number) == case


async def test_lookups_made_later_for_the_case_are_among_its_lookups(desk: Desk, clock: SteppedClock) -> None:
    before = await desk.look_up()
    case = await desk.register(lookup_ids=(before,))
    clock.advance(minutes=1)
    later = await desk.look_up(receipt_number=case.receipt_number)
    await desk.look_up(receipt_number=case.receipt_number, result="population-database-timeout")
    assert await lookups_of(desk, case.receipt_number) == [before, later]
    (listed,) = (await desk.page()).items
    assert [lookup.lookup_id for lookup in listed.lookups] == [before, later]


@pytest.mark.parametrize("result", ["exists", "found", "not_found", "confirmed", "not_head"])
async def test_every_answer_of_the_register_can_be_tied(desk: Desk, result: str) -> None:
    lookup_id = await desk.look_up(result=result)
    case = await desk.register(lookup_ids=(lookup_id,))
    assert [lookup.result for lookup in case.lookups] == [result]


async def test_a_lookup_that_nobody_made_is_not_found(desk: Desk) -> None:
    known = await desk.look_up()
    with pytest.raises(LookupNotFoundError) as refused:
        await desk.register(lookup_ids=(known, uuid4()))
    assert refused.value.pointer == "/lookup_ids/1"


async def test_another_officers_lookup_is_not_found_whatever_else_is_wrong_with_it(desk: Desk) -> None:
    plain = await desk.look_up(COLLEAGUE)
    other_procedure = await desk.look_up(COLLEAGUE, procedure_code="1.004222")
    tied = await desk.look_up(COLLEAGUE)
    await desk.register(COLLEAGUE, lookup_ids=(tied,))
    for lookup_id in (plain, other_procedure, tied):
        with pytest.raises(LookupNotFoundError):
            await desk.register(lookup_ids=(lookup_id,))


async def test_a_system_has_no_lookups_to_tie(desk: Desk) -> None:
    lookup_id = await desk.look_up()
    with pytest.raises(LookupNotFoundError):
        await desk.register(PORTAL, agency_code="H24.15", lookup_ids=(lookup_id,))


async def test_a_lookup_is_good_for_24_hours(desk: Desk, clock: SteppedClock) -> None:
    first, second = await desk.look_up(), await desk.look_up()
    clock.advance(hours=24)
    await desk.register(lookup_ids=(first,))
    clock.advance(microseconds=1)
    with pytest.raises(LookupNotFoundError):
        await desk.register(lookup_ids=(second,))


async def test_a_lookup_that_failed_is_not_found(desk: Desk) -> None:
    lookup_id = await desk.look_up(result="population-database-error")
    with pytest.raises(LookupNotFoundError):
        await desk.register(lookup_ids=(lookup_id,))


async def test_a_lookup_for_another_procedure_is_a_mismatch(desk: Desk) -> None:
    lookup_id = await desk.look_up(procedure_code="1.004222")
    with pytest.raises(PurposeMismatchError):
        await desk.register(lookup_ids=(lookup_id,))


async def test_a_lookup_belongs_to_one_case_only(desk: Desk) -> None:
    lookup_id = await desk.look_up()
    case = await desk.register(lookup_ids=(lookup_id,))
    made_for_it = await desk.look_up(receipt_number=case.receipt_number)
    for tied in (lookup_id, made_for_it):
        with pytest.raises(LookupAlreadyTiedError):
            await desk.register(lookup_ids=(tied,))


async def test_of_two_registrations_that_race_for_a_lookup_one_gets_it(desk: Desk, second_desk: Desk) -> None:
    lookup_ids = tuple([await desk.look_up() for _ in range(3)])
    outcomes = await asyncio.gather(
        *(each.register(lookup_ids=lookup_ids) for each in (desk, second_desk) * 4), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, LookupAlreadyTiedError)]
    assert len(refused) == len(outcomes) - 1
    assert await desk.numbers() == ["H24.15-261123-0001"]
    assert set(await lookups_of(desk, "H24.15-261123-0001")) == set(lookup_ids)
