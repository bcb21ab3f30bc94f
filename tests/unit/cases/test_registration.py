"""What a registration checks, what it saves, and what it never stores in the open."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from app.db import tables
from app.domain.case_status import CaseStatus, Channel, PaymentStatus
from app.domain.working_time import VIETNAM_TIME
from app.errors import (
    AgencyNotFoundError,
    CaseClosedError,
    CaseNotFoundError,
    FieldFaultError,
    ProcedureNotFoundError,
)
from app.keys.sealing import SealBrokenError
from tests.unit.cases.conftest import (
    APPLICANT,
    MANAGER,
    PORTAL,
    RECEIVER,
    RECEIVER_BELOW,
    STRANGER,
    Desk,
    SteppedClock,
    make_registration,
)

pytestmark = pytest.mark.anyio

NEVER_ISSUED = "H24.15-261123-0999"


async def test_a_case_handed_in_at_the_desk_is_received_and_has_a_due_date(desk: Desk) -> None:
    case = await desk.register()
    assert case.status is CaseStatus.RECEIVED
    # Monday afternoon, Wednesday, Thursday and Friday morning: 24 November is a day off.
    assert case.due_at == datetime(2026, 11, 27, 11, 30, tzinfo=VIETNAM_TIME)
    assert case.payment_status is PaymentStatus.NOT_REQUIRED
    assert case.version == 1


async def test_a_posted_case_is_received_and_an_online_one_only_submitted(desk: Desk) -> None:
    posted = await desk.register(channel=Channel.POSTAL)
    online = await desk.register(channel=Channel.ONLINE)
    assert (posted.status, posted.due_at is None) == (CaseStatus.RECEIVED, False)
    assert (online.status, online.due_at, online.clock.hours_left) == (CaseStatus.SUBMITTED, None, None)


async def test_a_case_reads_as_it_was_registered(desk: Desk) -> None:
    applicant = replace(APPLICANT, phone="0912 345 678", email="a@example.vn", address="Số 1")
    case = await desk.register(applicant=applicant, note="dòng 1\ndòng 2")
    assert await desk.cases.get(RECEIVER, case.receipt_number) == case
    assert case.content.applicant == applicant


@pytest.mark.parametrize("code", ["1.009999", "9.999999"])
async def test_an_inactive_or_unknown_procedure_is_refused(desk: Desk, code: str) -> None:
    with pytest.raises(ProcedureNotFoundError):
        await desk.register(procedure_code=code)


async def test_an_officer_cannot_name_an_agency_not_even_the_own(desk: Desk) -> None:
    with pytest.raises(FieldFaultError) as refused:
        await desk.register(agency_code="H24.15")
    assert (refused.value.pointer, refused.value.fault) == ("/agency_code", "not-permitted-here")


async def test_a_system_must_name_an_agency(desk: Desk) -> None:
    with pytest.raises(FieldFaultError) as refused:
        await desk.register(PORTAL)
    assert (refused.value.pointer, refused.value.fault) == ("/agency_code", "required")


async def test_a_system_registers_for_the_agencies_below_it_only(desk: Desk) -> None:
    case = await desk.register(PORTAL, agency_code="H24.16")
    assert (case.agency.code, case.agency.name) == ("H24.16", "Cơ quan H24.16")
    assert await desk.numbers(STRANGER) == [case.receipt_number]
    small = replace(PORTAL, agency_code="H24.15", reach=frozenset({"H24.15", "H24.15.01"}))
    with pytest.raises(AgencyNotFoundError):
        await desk.register(small, agency_code="H24.16")


async def test_an_applicant_has_a_number_or_another_paper(desk: Desk) -> None:
    with_paper = replace(APPLICANT, id_number=None, other_document="Hộ chiếu C0000001")
    case = await desk.register(applicant=with_paper)
    assert case.content.applicant == with_paper
    with pytest.raises(FieldFaultError) as refused:
        await desk.register(applicant=replace(APPLICANT, id_number=None))
    assert (refused.value.pointer, refused.value.fault) == ("/applicant/id_number", "required")


async def test_nobody_is_born_tomorrow(desk: Desk, clock: SteppedClock) -> None:
    # Late on the 23rd in UTC it is the 24th in Vietnam.
    clock.now = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    await desk.register(applicant=replace(APPLICANT, birth_date="2026-11-24"))
    with pytest.raises(FieldFaultError) as refused:
        await desk.register(applicant=replace(APPLICANT, birth_date="2026-11-25"))
    assert (refused.value.pointer, refused.value.fault) == ("/applicant/birth_date", "in-future")


@pytest.mark.parametrize(
    "number", [NEVER_ISSUED, "H24.15-20261123-0000001", "", "x", "H24.15-261123-0001\n", "\x00"]
)
async def test_a_number_that_was_never_issued_is_not_found(desk: Desk, number: str) -> None:
    await desk.register()
    with pytest.raises(CaseNotFoundError):
        await desk.cases.get(RECEIVER, number)


async def test_two_agencies_never_see_each_other(desk: Desk) -> None:
    own = await desk.register(RECEIVER)
    below = await desk.register(RECEIVER_BELOW)
    foreign = await desk.register(STRANGER)
    assert await desk.numbers(RECEIVER) == [own.receipt_number]
    assert await desk.numbers(RECEIVER_BELOW) == [below.receipt_number]
    assert await desk.numbers(STRANGER) == [foreign.receipt_number]
    for number in (below.receipt_number, foreign.receipt_number):
        with pytest.raises(CaseNotFoundError):
            await desk.cases.get(RECEIVER, number)


async def test_a_manager_sees_the_own_agency_and_those_below(desk: Desk) -> None:
    own = await desk.register(RECEIVER)
    below = await desk.register(RECEIVER_BELOW)
    foreign = await desk.register(STRANGER)
    assert set(await desk.numbers(MANAGER)) == {own.receipt_number, below.receipt_number}
    assert (await desk.cases.get(MANAGER, below.receipt_number)).agency.code == "H24.15.01"
    with pytest.raises(CaseNotFoundError):
        await desk.cases.get(MANAGER, foreign.receipt_number)


async def test_hours_left_go_down_below_zero_and_end_with_the_case(desk: Desk, clock: SteppedClock) -> None:
    case = await desk.register()
    assert (case.clock.hours_left, case.clock.is_overdue) == (24.0, False)
    clock.advance(hours=2)
    assert (await desk.cases.get(RECEIVER, case.receipt_number)).clock.hours_left == 23.0
    clock.advance(days=14)
    late = await desk.cases.get(RECEIVER, case.receipt_number)
    assert late.clock.is_overdue
    assert late.clock.hours_left is not None
    assert late.clock.hours_left < 0
    await desk.change_status(case.receipt_number, "completed")
    ended = await desk.cases.get(RECEIVER, case.receipt_number)
    assert (ended.clock.hours_left, ended.clock.is_overdue) == (None, False)


async def test_a_lookup_may_be_made_for_an_open_case_of_the_own_agency(desk: Desk) -> None:
    case = await desk.register()
    found = await desk.cases.open_case_for_lookup(RECEIVER, case.receipt_number)
    assert (found.agency_code, found.procedure_code) == ("H24.15", "1.004194")
    for number in (case.receipt_number, NEVER_ISSUED):
        with pytest.raises(CaseNotFoundError):
            await desk.cases.open_case_for_lookup(STRANGER, number)
    await desk.change_status(case.receipt_number, "withdrawn")
    with pytest.raises(CaseClosedError):
        await desk.cases.open_case_for_lookup(RECEIVER, case.receipt_number)
    with pytest.raises(CaseNotFoundError):
        await desk.cases.open_case_for_lookup(STRANGER, case.receipt_number)


async def test_a_registration_is_on_record_without_anything_that_was_written(desk: Desk) -> None:
    lookup_id = await desk.look_up()
    case = await desk.register(lookup_ids=(lookup_id,))
    async with desk.database.read() as session:
        statement = text("SELECT record FROM audit_record WHERE kind = 'CHANGE'")
        record = bytes((await session.execute(statement)).scalar_one()).decode()
    assert case.receipt_number in record
    assert '"result":"case-registered"' in record
    assert str(lookup_id) in record
    assert APPLICANT.full_name not in record
    assert str(APPLICANT.id_number) not in record


async def test_what_a_person_wrote_stands_nowhere_in_the_open(desk: Desk, database_url: str) -> None:
    marks = {
        "full_name": "MẠC THỊ DẤU VẾT",
        "id_number": "100299123457",
        "birth_date": "1999-12-31",
        "phone": "0998877665",
        "email": "dauvet@example.vn",
        "address": "Ngõ Dấu Vết",
        "other_document": "Hộ chiếu DAUVET1",
    }
    await desk.register(applicant=replace(APPLICANT, **marks), note="ghi chú dấu vết")
    stored = await everything_stored(desk, database_url)
    for mark in (*marks.values(), "ghi chú dấu vết", "Tờ khai"):
        assert mark.encode() not in stored


async def everything_stored(desk: Desk, database_url: str) -> bytes:
    async with desk.database.read() as session:
        rows = [
            row
            for table in tables.Base.metadata.sorted_tables
            for row in (await session.execute(select(table))).all()
        ]
    values = [value for row in rows for value in row]
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        # The file itself too, with its journal: what no column shows any more may still stand there.
        path = Path(str(url.database))
        stored += b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert RECEIVER.agency_code.encode() in stored
    return stored


async def test_a_content_moved_to_another_case_does_not_open(desk: Desk) -> None:
    first, second = await desk.register(), await desk.register()
    async with desk.database.write() as session:
        moved = (await session.get_one(tables.CaseFile, first.receipt_number)).content_sealed
        (await session.get_one(tables.CaseFile, second.receipt_number)).content_sealed = moved
    with pytest.raises(SealBrokenError):
        await desk.cases.get(RECEIVER, second.receipt_number)


async def test_a_later_change_of_the_procedure_does_not_touch_the_case(
    desk: Desk, clock: SteppedClock
) -> None:
    case = await desk.register()
    async with desk.database.write() as session:
        await session.execute(text("UPDATE procedure SET name = 'Khác', processing_days = 9"))
    clock.advance(minutes=2)
    assert (await desk.cases.get(RECEIVER, case.receipt_number)).procedure == case.procedure
    assert (await desk.register()).procedure.processing_days == 9


def test_a_registration_prints_nothing_that_was_written() -> None:
    printed = repr(make_registration(note="bí mật"))
    assert "100190000001" not in printed
    assert "NGỌC" not in printed
    assert "bí mật" not in printed
