import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from annotated_types import Le
from anyio import to_thread
from sqlalchemy import text
from structlog.testing import capture_logs

from app.composition.service import longest_lookup_seconds
from app.db import audit, audit_outcomes
from app.db.engine import Database
from app.domain.audit_event import AuditKind
from app.domain.record_checks import OPEN_AT_MOST
from app.errors import AuditUnavailableError
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.settings.settings import Settings
from tests.conftest import NOON
from tests.unit.audit.events import (
    assert_log_is_sound,
    content_of,
    head_of,
    make_intent,
    make_outcome,
    running_log,
)

pytestmark = pytest.mark.anyio

LATER = NOON + timedelta(minutes=5)
SECOND = timedelta(seconds=1)
ROOT = Path(__file__).parents[3]


def most(setting: str) -> float:
    (bound,) = (limit.le for limit in Settings.model_fields[setting].metadata if isinstance(limit, Le))
    assert isinstance(bound, int | float)
    return bound


def test_a_verifier_misses_no_end_of_a_lookup_that_the_sweep_may_still_close() -> None:
    longest = longest_lookup_seconds(
        audit_timeout_seconds=most("audit_timeout_seconds"),
        deadline_seconds=most("npd_wait_seconds") + most("npd_timeout_seconds"),
        is_household_by_records=True,
    )
    # The first sweep comes as late as a lookup may be long.
    assert timedelta(seconds=2 * longest) < OPEN_AT_MOST


@pytest.fixture
async def log(database: Database, sealer: Sealer) -> AsyncIterator[AuditLog]:
    async with running_log(database, sealer, now=LATER) as log:
        yield log


async def test_an_intent_that_nothing_closed_is_closed_as_abandoned(
    log: AuditLog, database: Database
) -> None:
    intent = make_intent(receipt_number="H24.15-261123-0001", client="front", fields_asked=("father",))
    await log.append(intent)
    assert await log.sweep(LATER) == 1
    opened, closed = await assert_log_is_sound(database)
    assert (closed.kind, closed.closes, closed.at) == ("ABANDONED", intent.lookup_id, LATER)
    before, after = content_of(opened), content_of(closed)
    copied = {
        *("lookup_id", "lookup_kind", "officer", "agency", "client", "source_address"),
        *("procedure_code", "receipt_number", "fields_asked", "upstream_request_id"),
    }
    assert {name: after[name] for name in copied} == {name: before[name] for name in copied}
    assert (after["result"], after["subjects"], after["purpose_sealed"]) == ("abandoned", [], None)


async def test_what_is_closed_or_young_or_no_lookup_is_left_alone(log: AuditLog, database: Database) -> None:
    ended, young = make_intent(), make_intent(at=NOON + SECOND)
    await log.append(ended)
    await log.append(make_outcome(ended))
    await log.append(replace(make_intent(), kind=AuditKind.DENIED))
    await log.append(young)
    assert await log.sweep(NOON + SECOND) == 0
    assert len(await assert_log_is_sound(database)) == 4
    assert (await head_of(database)).unclosed_from == 3
    assert await log.sweep(LATER) == 1
    assert (await head_of(database)).unclosed_from >= 4


async def test_a_sweep_of_an_empty_log_does_nothing(log: AuditLog, database: Database) -> None:
    assert await log.sweep(LATER) == 0
    assert await assert_log_is_sound(database) == []


async def test_a_second_sweep_finds_nothing(log: AuditLog, database: Database) -> None:
    await log.append(make_intent())
    assert [await log.sweep(LATER), await log.sweep(LATER)] == [1, 0]
    assert len(await assert_log_is_sound(database)) == 2


async def test_an_orphan_behind_an_open_lookup_is_found(log: AuditLog, database: Database) -> None:
    young = make_intent(at=LATER)
    await log.append(young)
    await log.append(make_intent())
    assert await log.sweep(LATER) == 1
    assert (await head_of(database)).unclosed_from == 0
    await log.append(make_outcome(young))
    assert await log.sweep(LATER) == 0
    assert (await head_of(database)).unclosed_from == 4


async def test_more_orphans_than_one_batch_are_all_closed(log: AuditLog, database: Database) -> None:
    await asyncio.gather(*(log.append(make_intent()) for _ in range(1001)))
    assert await log.sweep(LATER) == 1001
    assert len(await assert_log_is_sound(database)) == 2002
    assert (await head_of(database)).unclosed_from >= 1001


async def test_lookups_from_a_clock_that_is_ahead_are_closed_in_time_and_hide_none_behind_them(
    database: Database, sealer: Sealer
) -> None:
    now = NOON
    log = AuditLog(database, sealer, lambda: now, queue_limit=2000, timeout_seconds=20.0)
    log.start()
    ahead = [make_intent(at=NOON + timedelta(days=400)) for _ in range(501)]
    await asyncio.gather(*map(log.append, [*ahead, make_intent()]))
    closed = []
    for _ in range(4):
        closed.append(await log.sweep(now - timedelta(seconds=50)))
        now += timedelta(seconds=60)
    await log.stop()
    # The last of them was seen only when those before it were closed.
    assert closed == [0, 501, 1, 0]
    assert len(await assert_log_is_sound(database)) == 1004


async def test_two_processes_that_sweep_at_once_close_each_lookup_once(
    log: AuditLog, database: Database, database_url: str, sealer: Sealer
) -> None:
    await asyncio.gather(*(log.append(make_intent()) for _ in range(50)))
    elsewhere = Database(database_url)
    async with running_log(elsewhere, sealer, now=LATER) as other:
        closed = await asyncio.gather(*(which.sweep(LATER) for which in (log, other, log, other)))
    await elsewhere.close()
    assert sum(closed) == 50
    assert len(await assert_log_is_sound(database)) == 100


async def test_an_outcome_that_comes_after_the_sweep_is_refused(log: AuditLog, database: Database) -> None:
    intent = make_intent()
    await log.append(intent)
    await log.sweep(LATER)
    with pytest.raises(AuditUnavailableError):
        await log.append(make_outcome(intent))
    assert [row.kind for row in await assert_log_is_sound(database)] == ["INTENT", "ABANDONED"]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - it happens in a database
            await asyncio.sleep(0.05)


async def test_sweeps_begin_at_once_and_come_again_after_the_deadline(
    log: AuditLog, database: Database
) -> None:
    async def is_of(size: int) -> bool:
        return (await head_of(database)).size == size

    await log.append(make_intent())
    stopping = asyncio.Event()
    sweeps = asyncio.create_task(log.run_sweeps(older_than_seconds=2, stopping=stopping))
    await until(lambda: is_of(2))
    await log.append(make_intent())
    await until(lambda: is_of(4))
    stopping.set()
    await asyncio.wait_for(sweeps, timeout=10)
    assert [row.kind for row in await assert_log_is_sound(database)] == ["INTENT", "ABANDONED"] * 2


async def test_sweeps_outlive_a_failure_and_tell_of_it(log: AuditLog, database: Database) -> None:
    async def is_told(event: str) -> bool:
        return event in [entry["event"] for entry in told]

    await log.append(make_intent())
    async with database.write() as session:
        await session.execute(text("ALTER TABLE audit_head RENAME TO audit_head_away"))
    with capture_logs() as told:
        stopping = asyncio.Event()
        sweeps = asyncio.create_task(log.run_sweeps(older_than_seconds=2, stopping=stopping))
        await until(lambda: is_told("audit-sweep-failed"))
        async with database.write() as session:
            await session.execute(text("ALTER TABLE audit_head_away RENAME TO audit_head"))
        await until(lambda: is_told("audit-lookups-abandoned"))
    stopping.set()
    await asyncio.wait_for(sweeps, timeout=10)
    assert len(await assert_log_is_sound(database)) == 2


async def test_a_killed_process_leaves_a_lookup_that_the_next_one_closes(
    database: Database, database_url: str, key_file: Path, sealer: Sealer
) -> None:
    def live_and_die() -> str:
        command = [sys.executable, "-m", "tests.unit.audit.dying_process", database_url, str(key_file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            lookup_id = process.stdout.readline().strip()
            process.kill()
        return lookup_id

    lookup_id = await to_thread.run_sync(live_and_die)
    async with running_log(database, sealer, now=LATER) as log:
        assert await log.sweep(LATER) == 1
    rows = await assert_log_is_sound(database)
    assert [(row.kind, str(row.lookup_id)) for row in rows] == [
        ("INTENT", lookup_id),
        ("ABANDONED", lookup_id),
    ]


async def test_outcomes_are_found_by_lookup_and_by_case(log: AuditLog, database: Database) -> None:
    case = "H24.15-261123-0001"
    tied, other, open_still, gone = (
        make_intent(receipt_number=case),
        make_intent(),
        make_intent(at=LATER),
        make_intent(),
    )
    for intent in (tied, other, open_still, gone):
        await log.append(intent)
    await log.append(make_outcome(tied, result="not_found", at=LATER))
    await log.append(make_outcome(other))
    await log.sweep(LATER)
    async with database.read() as session:
        ids = [intent.lookup_id for intent in (other, tied, open_still, gone) if intent.lookup_id]
        found = await session.run_sync(audit_outcomes.outcomes_of, ids)
        of_case = await session.run_sync(
            audit_outcomes.outcomes_of_case, case, at=None, lookup_id=None, limit=2
        )
        none = await session.run_sync(audit_outcomes.outcomes_of, [])
        size = await audit.log_size(session)
    assert [(outcome.lookup_id, outcome.result) for outcome in found] == [
        (tied.lookup_id, "not_found"),
        (other.lookup_id, "exists"),
    ]
    assert of_case == found[:1]
    assert of_case[0] == audit_outcomes.LookupOutcome(
        lookup_id=ids[1],
        lookup_kind="id-card",
        officer="receiver",
        agency="H24.15",
        client=None,
        procedure_code="1.004194",
        receipt_number=case,
        result="not_found",
        at=LATER,
        sequence=4,
    )
    assert (none, size) == ([], 7)
