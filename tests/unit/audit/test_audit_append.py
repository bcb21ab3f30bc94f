import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from app.db.audit import Appended
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.merkle import root_of
from app.errors import AuditUnavailableError, ServiceUnavailableError
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog, Position
from tests.conftest import NOON
from tests.unit.audit.events import (
    NUMBER,
    assert_log_is_sound,
    content_of,
    head_of,
    make_intent,
    make_outcome,
    rows_of,
    running_log,
)

pytestmark = pytest.mark.anyio


async def test_an_appended_event_is_durable_at_the_position_returned(
    log: AuditLog, database: Database
) -> None:
    intent = make_intent()
    places = [await log.append(intent), await log.append(make_outcome(intent))]
    first, second = await assert_log_is_sound(database)
    leaves = [first.leaf_hash, second.leaf_hash]
    assert places == [Position(0, 1, root_of(leaves[:1])), Position(1, 2, root_of(leaves))]
    assert (first.event_id, first.kind, first.closes) == (intent.event_id, "INTENT", None)
    assert (second.kind, second.closes, second.result) == ("OUTCOME", intent.lookup_id, "exists")


async def test_five_hundred_parallel_appends_of_two_processes_have_no_gap_and_no_repeat(
    database_url: str, sealer: Sealer
) -> None:
    databases = Database(database_url), Database(database_url)
    try:
        async with running_log(databases[0], sealer) as one, running_log(databases[1], sealer) as two:
            events = [make_intent() for _ in range(500)]
            appends = ((one, two)[index % 2].append(event) for index, event in enumerate(events))
            positions = await asyncio.gather(*appends)
        rows = await assert_log_is_sound(databases[0])
    finally:
        for database in databases:
            await database.close()
    place_of = {row.event_id: row.sequence for row in rows}
    assert [place_of[event.event_id] for event in events] == [place.sequence for place in positions]
    assert all(place.tree_size > place.sequence for place in positions)


async def test_a_process_keeps_the_order_in_which_events_came(log: AuditLog, database: Database) -> None:
    events = [make_intent() for _ in range(50)]
    await asyncio.gather(*map(log.append, events))
    assert [row.event_id for row in await rows_of(database)] == [event.event_id for event in events]


async def test_events_that_wait_together_share_one_commit(log: AuditLog) -> None:
    await log.append(make_intent())
    positions = await asyncio.gather(*(log.append(make_intent()) for _ in range(200)))
    assert len({place.tree_size for place in positions}) <= 2


async def test_the_next_batch_is_on_its_way_before_the_callers_of_the_last_go_on(
    log: AuditLog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    is_under_way = asyncio.Event()
    append = database.append

    async def noted(work: Callable[[Connection], Appended]) -> Appended:
        happened.append("batch")
        is_under_way.set()
        return await append(work)

    monkeypatch.setattr(database, "append", noted)

    async def caller() -> None:
        await log.append(make_intent())
        happened.append("caller")

    first = asyncio.create_task(caller())
    await is_under_way.wait()
    await asyncio.gather(first, caller())
    assert happened == ["batch", "batch", "caller", "caller"]


async def test_a_caller_that_goes_away_does_not_break_the_batch(log: AuditLog, database: Database) -> None:
    opened = make_intent()
    await log.append(opened)
    gone = asyncio.create_task(log.append(make_outcome(opened)))
    staying = [asyncio.create_task(log.append(make_intent())) for _ in range(5)]
    await asyncio.sleep(0)
    gone.cancel()
    assert len(await asyncio.gather(*staying)) == 5
    rows = await assert_log_is_sound(database)
    assert [row.kind for row in rows].count("OUTCOME") == 1


async def test_an_intent_whose_caller_went_away_before_it_was_tried_is_not_recorded(
    log: AuditLog, database: Database
) -> None:
    gone = asyncio.create_task(log.append(make_intent()))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait({gone})
    await log.append(make_intent())
    assert len(await assert_log_is_sound(database)) == 1


async def test_a_lookup_cannot_end_twice(log: AuditLog, database: Database) -> None:
    intent = make_intent()
    await log.append(intent)
    results = await asyncio.gather(
        log.append(make_outcome(intent)),
        log.append(make_outcome(intent)),
        log.append(make_intent()),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [Position, AuditUnavailableError, Position]
    with pytest.raises(AuditUnavailableError) as refused:
        await log.append(make_outcome(intent))
    assert refused.value.retry_after_seconds
    assert len(await assert_log_is_sound(database)) == 3


async def test_an_event_appended_again_is_found_and_not_repeated(log: AuditLog, database: Database) -> None:
    intent = make_intent()
    both = await asyncio.gather(log.append(intent), log.append(intent))
    assert [(place.sequence, place.tree_size) for place in set(both)] == [(0, 1)]
    assert len(await assert_log_is_sound(database)) == 1


async def test_an_event_that_does_not_fit_fails_alone(log: AuditLog, database: Database) -> None:
    results = await asyncio.gather(
        log.append(make_intent()),
        log.append(make_intent(officer="x" * 65)),
        log.append(make_intent(officer="nul\x00")),
        log.append(make_intent(source_address="\ud800")),
        return_exceptions=True,
    )
    assert isinstance(results[0], Position)
    assert all(isinstance(result, ValueError) for result in results[1:])
    assert len(await assert_log_is_sound(database)) == 1


async def test_columns_keep_what_they_are_given(log: AuditLog, database: Database) -> None:
    awkward = "\\x00 \\u0041 \"'\n\t{}[],%s :a 日 🂡"
    await log.append(make_intent(officer=awkward, agency=None, at=NOON.replace(microsecond=1), subjects=()))
    (row,) = await assert_log_is_sound(database)
    columns = (row.officer, row.agency, row.result, row.closes, row.at)
    assert columns == (awkward, None, None, None, NOON.replace(microsecond=1))


async def test_a_full_queue_refuses_at_once(database: Database, sealer: Sealer) -> None:
    async with running_log(database, sealer, queue_limit=3) as log:
        await log.append(make_intent())
        results = await asyncio.gather(*(log.append(make_intent()) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [Position] * 3 + [AuditUnavailableError] * 2
    assert len(await assert_log_is_sound(database)) == 4


async def test_a_full_queue_still_takes_the_outcome_of_a_lookup_that_was_let_in(
    database: Database, sealer: Sealer
) -> None:
    async with running_log(database, sealer, queue_limit=2) as log:
        intent = make_intent()
        await log.append(intent)
        appends = [asyncio.create_task(log.append(make_intent())) for _ in range(2)]
        await asyncio.sleep(0)
        outcome = await log.append(make_outcome(intent))
        await asyncio.gather(*appends)
    assert outcome.sequence == 3
    assert len(await assert_log_is_sound(database)) == 4


async def test_a_log_that_does_not_run_refuses(database: Database, sealer: Sealer) -> None:
    async with running_log(database, sealer) as log:
        assert log.is_running
    assert not log.is_running
    with pytest.raises(AuditUnavailableError):
        await log.append(make_intent())


async def test_a_log_that_never_ran_can_be_stopped(database: Database, sealer: Sealer) -> None:
    log = AuditLog(database, sealer, lambda: NOON, queue_limit=1, timeout_seconds=1)
    await log.stop()
    assert not log.is_running


async def test_stopping_finishes_what_waits(database: Database, sealer: Sealer) -> None:
    async with running_log(database, sealer) as log:
        await log.append(make_intent())
        appends = [asyncio.create_task(log.append(make_intent())) for _ in range(20)]
        await asyncio.sleep(0)
    assert sorted(place.sequence for place in await asyncio.gather(*appends)) == list(range(1, 21))


def about_nobody(**changes: Any) -> AuditEvent:
    """Make an event that may be appended within another transaction: it needs no key."""
    return make_intent(subjects=(), purpose=None, **changes)


async def test_an_event_of_a_transaction_lives_and_dies_with_it(log: AuditLog, database: Database) -> None:
    change = about_nobody(kind=AuditKind.CHANGE, lookup_id=None, receipt_number="H24.15-261123-0001")

    async def change_and_fail() -> None:
        async with database.write() as session:
            assert (await log.append_within(session, change)).sequence == 0
            raise ServiceUnavailableError

    with pytest.raises(ServiceUnavailableError):
        await change_and_fail()
    assert (await head_of(database)).size == 0
    async with database.write() as session:
        assert (await log.append_within(session, change)).sequence == 0
    assert (await log.append(make_intent())).sequence == 1
    await assert_log_is_sound(database)


async def test_a_transaction_cannot_end_a_lookup_twice(log: AuditLog, database: Database) -> None:
    outcome = make_outcome(about_nobody())
    await log.append(outcome)
    async with database.write() as session:
        with pytest.raises(AuditUnavailableError):
            await log.append_within(session, replace(outcome, event_id=uuid4()))


async def test_transactions_and_the_writer_append_side_by_side(log: AuditLog, database: Database) -> None:
    async def register(event: AuditEvent) -> Position:
        async with database.write() as session:
            return await log.append_within(session, event)

    appends = [(log.append, register)[index % 2](about_nobody()) for index in range(40)]
    positions = await asyncio.gather(*appends)
    assert sorted(place.sequence for place in positions) == list(range(40))
    await assert_log_is_sound(database)


async def test_numbers_and_purpose_are_nowhere_in_clear_and_open_with_the_key(
    log: AuditLog, database: Database, database_url: str, sealer: Sealer
) -> None:
    purpose = "Mục đích riêng"
    subjects = (Subject("head", NUMBER), Subject("member", "012345678"))
    event = make_intent(purpose=purpose, subjects=subjects)
    await log.append(event)
    (row,) = await rows_of(database)
    content = content_of(row)
    seal = await log.data_keys.to_open(event.agency, event.at)
    assert seal is not None
    for subject, kept, index in zip(subjects, content["subjects"], range(2), strict=True):
        assert kept.keys() == {"role", "ref", "sealed"}
        assert kept["role"] == subject.role
        assert base64.b64decode(kept["ref"]) == sealer.reference(subject.number, use="person")
        sealed = base64.b64decode(kept["sealed"])
        place = f"audit:{event.event_id}:{index}"
        assert seal.unseal(sealed, place=place) == subject.number.encode()
    sealed = base64.b64decode(content["purpose_sealed"])
    assert seal.unseal(sealed, place=f"audit:{event.event_id}:purpose") == purpose.encode()
    stored = repr(vars(row)).encode() + (row.record or b"")
    path = make_url(database_url).database
    if database_url.startswith("sqlite") and path:
        stored += b"".join(file.read_bytes() for file in Path(path).parent.glob(f"{Path(path).name}*"))
    for secret in (NUMBER, "012345678", purpose):
        assert secret.encode() not in stored


async def test_a_record_has_every_member_of_the_contract(log: AuditLog, database: Database) -> None:
    bare = AuditEvent(
        kind=AuditKind.ACCESS,
        at=NOON,
        officer=None,
        agency=None,
        client="portal",
        source_address=None,
        details={"filters": ("officer", "from"), "count": 3},
    )
    await log.append(bare)
    (row,) = await rows_of(database)
    assert content_of(row) == {
        "event_id": str(bare.event_id),
        "kind": "ACCESS",
        "at": "2026-11-23T05:00:00.000000Z",
        "lookup_id": None,
        "lookup_kind": None,
        "officer": None,
        "agency": None,
        "client": "portal",
        "source_address": None,
        "procedure_code": None,
        "receipt_number": None,
        "purpose_sealed": None,
        "fields_asked": [],
        "fields_given": [],
        "subjects": [],
        "result": None,
        "upstream_request_id": None,
        "details": {"filters": ["officer", "from"], "count": 3},
    }
