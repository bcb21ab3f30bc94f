import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_search import AuditFilters, AuditPage
from app.domain.caller import SCOPES_OF_ROLE, Caller, Role
from app.errors import AuditUnavailableError, NotFoundError
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.audit_reader import AuditReader
from tests.conftest import NOON
from tests.unit.audit.events import content_of, make_intent, make_outcome, rows_of, running_log

pytestmark = pytest.mark.anyio

CASE = "H24.15-261123-0001"
ALL = AuditFilters()
SECOND = timedelta(seconds=1)


def make_auditor(*reach: str) -> Caller:
    return Caller(
        username="auditor",
        client_id=None,
        agency_code="H24",
        roles=frozenset({Role.AUDITOR}),
        scopes=SCOPES_OF_ROLE[Role.AUDITOR],
        reach=frozenset(reach or ("H24", "H24.15", "H24.16")),
        source_address="10.0.0.9",
    )


@pytest.fixture
def reader(database: Database, log: AuditLog) -> AuditReader:
    return AuditReader(database, log, lambda: NOON)


def sequences_of(page: AuditPage) -> list[int]:
    return [item.sequence for item in page.items]


async def test_records_come_newest_first_and_page_by_page(log: AuditLog, reader: AuditReader) -> None:
    await asyncio.gather(*(log.append(make_intent()) for _ in range(5)))
    first = await reader.records(make_auditor(), ALL, before=None, limit=2)
    assert (sequences_of(first), first.next_before) == ([4, 3], 3)
    second = await reader.records(make_auditor(), ALL, before=first.next_before, limit=3)
    assert (sequences_of(second), second.next_before) == ([2, 1, 0], None)


async def test_each_filter_leaves_only_its_records(log: AuditLog, reader: AuditReader) -> None:
    intent = make_intent()
    for event in (
        intent,
        make_outcome(intent),
        make_intent(officer="receiver2", agency="H24.16", at=NOON + SECOND),
        make_intent(receipt_number=CASE, at=NOON + 2 * SECOND),
    ):
        await log.append(event)
    expected = {
        AuditFilters(officer="receiver2"): [2],
        AuditFilters(agency="H24.16"): [2],
        AuditFilters(kind=AuditKind.OUTCOME): [1],
        AuditFilters(lookup_id=intent.lookup_id): [1, 0],
        AuditFilters(receipt_number=CASE): [3],
        AuditFilters(since=NOON + SECOND): [3, 2],
        AuditFilters(until=NOON + SECOND): [1, 0],
        AuditFilters(since=NOON + SECOND, until=NOON + 2 * SECOND): [2],
        AuditFilters(officer="receiver", kind=AuditKind.INTENT): [3, 0],
        AuditFilters(officer="nobody"): [],
        AuditFilters(agency="H24.17"): [],
    }
    found = {
        filters: sequences_of(
            await reader.records(make_auditor("H24.15", "H24.16"), filters, before=4, limit=9)
        )
        for filters in expected
    }
    assert found == expected


async def test_records_of_agencies_out_of_reach_do_not_exist(log: AuditLog, reader: AuditReader) -> None:
    await log.append(make_intent(agency="H24.15"))
    await log.append(make_intent(agency="H24.16"))
    await log.append(make_intent(agency=None))
    for reach, expected in ((("H24.15",), [0]), (("H24.15", "H24.16"), [1, 0])):
        page = await reader.records(make_auditor(*reach), ALL, before=3, limit=9)
        assert sequences_of(page) == expected
    with pytest.raises(NotFoundError):
        await reader.record(make_auditor("H24.15"), 1)
    assert (await reader.record(make_auditor("H24.16"), 1)).sequence == 1


async def test_a_record_is_given_byte_for_byte(
    log: AuditLog, reader: AuditReader, database: Database
) -> None:
    await log.append(make_intent())
    (row,) = await rows_of(database)
    stored = await reader.record(make_auditor(), 0)
    assert (stored.content, stored.leaf_hash) == (row.record, row.leaf_hash)


async def test_reading_is_put_on_record_without_what_was_searched_for(
    reader: AuditReader, database: Database
) -> None:
    filters = AuditFilters(officer="receiver", since=NOON, until=NOON + SECOND)
    await reader.records(make_auditor(), filters, before=None, limit=9)
    await reader.record(make_auditor(), 0)
    with pytest.raises(NotFoundError):
        await reader.record(make_auditor(), 2**49)
    contents = [content_of(row) for row in await rows_of(database)]
    assert {(content["kind"], content["officer"], content["agency"]) for content in contents} == {
        ("ACCESS", "auditor", "H24")
    }
    assert [(content["result"], content["details"]) for content in contents] == [
        ("read", {"filters": ["officer", "from", "to"], "records": 0}),
        ("read", {"sequence": 0}),
        ("not-found", {}),
    ]


async def test_what_cannot_be_put_on_record_is_not_shown(database: Database, sealer: Sealer) -> None:
    async with running_log(database, sealer) as log:
        reader = AuditReader(database, log, lambda: NOON)
        await log.append(make_intent())
    with pytest.raises(AuditUnavailableError):
        await reader.records(make_auditor(), ALL, before=None, limit=9)
    with pytest.raises(AuditUnavailableError):
        await reader.record(make_auditor(), 0)


async def test_a_reader_sees_the_readings_before_his_own(log: AuditLog, reader: AuditReader) -> None:
    access = replace(AuditEvent.of_caller(make_auditor(), kind=AuditKind.ACCESS, at=NOON), result="read")
    await log.append(access)
    page = await reader.records(make_auditor(), AuditFilters(kind=AuditKind.ACCESS), before=None, limit=9)
    assert sequences_of(page) == [0]
