import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from app.db import audit
from app.db.engine import Database
from app.domain.audit_record import canonical_bytes
from app.domain.lookup_budget import Limits
from app.errors import AuditUnavailableError
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog, Counts, Position
from tests.databases import PostgresCopies
from tests.fault_proxy import fault_proxy
from tests.unit.audit.events import assert_log_is_sound, make_intent, running_log

pytestmark = pytest.mark.anyio


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """The same database, as another process sees it."""
    database = Database(database_url)
    yield database
    await database.close()


class Operator:
    """Someone with the power to cut connections to a PostgreSQL database, from another one."""

    def __init__(self, postgres: PostgresCopies, url: str) -> None:
        self._server_url = postgres.server_url
        self._name = make_url(url).database or ""

    def cut_connections(self) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self._name]
            )

    def allow_connections(self, *, allowed: bool) -> None:
        statement = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(self._name), sql.Literal(allowed)))


@pytest.fixture
def operator(postgres: PostgresCopies, postgres_url: str) -> Operator:
    return Operator(postgres, postgres_url)


async def append_for(log: AuditLog, seconds: float) -> list[Position]:
    """Append from eight callers at once, each over and over."""
    end = asyncio.get_running_loop().time() + seconds

    async def caller() -> list[Position]:
        positions = []
        while asyncio.get_running_loop().time() < end:
            positions.append(await log.append(make_intent()))
        return positions

    found = await asyncio.gather(*(caller() for _ in range(8)))
    return [position for positions in found for position in positions]


async def test_appends_wait_for_a_database_that_is_busy_for_a_while(
    database: Database, elsewhere: Database, sealer: Sealer
) -> None:
    async with running_log(database, sealer) as log:
        async with elsewhere.write() as session:
            await audit.append_within(session, [])
            appends = [asyncio.create_task(log.append(make_intent())) for _ in range(20)]
            await asyncio.sleep(0.5)
            assert not any(append.done() for append in appends)
        assert len(await asyncio.gather(*appends)) == 20
    await assert_log_is_sound(database)


async def test_a_record_that_takes_too_long_is_refused_and_a_later_one_works(
    database: Database, elsewhere: Database, sealer: Sealer
) -> None:
    async with running_log(database, sealer, timeout_seconds=1) as log:
        async with elsewhere.write() as session:
            await audit.append_within(session, [])
            with pytest.raises(AuditUnavailableError) as refused:
                await log.append(make_intent())
            assert refused.value.retry_after_seconds
        for _ in range(20):
            try:
                position = await log.append(make_intent())
                break
            except AuditUnavailableError:
                await asyncio.sleep(0.1)
        rows = await assert_log_is_sound(database)
        assert len(rows) == position.tree_size


async def test_what_was_refused_while_the_log_was_held_is_not_appended_afterwards(
    database: Database, elsewhere: Database, sealer: Sealer
) -> None:
    refused = [make_intent() for _ in range(5)]
    async with running_log(database, sealer, timeout_seconds=0.6) as log:
        async with elsewhere.write() as session:
            await audit.append_within(session, [])
            for event in refused:
                with pytest.raises(AuditUnavailableError):
                    await log.append(event)
        # Behind all that still waits for the head, on each connection.
        for _ in range(4):
            with suppress(AuditUnavailableError):
                await log.append(make_intent(officer="later"))
    rows = await assert_log_is_sound(database)
    assert rows[-1].officer == "later"
    # The last one may have been on its way.
    assert {event.event_id for event in refused[:-1]}.isdisjoint(row.event_id for row in rows)


async def test_an_append_that_was_given_up_before_it_had_the_head_appends_nothing(database: Database) -> None:
    event = make_intent(subjects=(), purpose=None)
    record = audit.new_record(event, canonical_bytes(event, subjects=[], purpose_sealed=None), [])
    given_up = threading.Event()
    given_up.set()
    with pytest.raises(audit.AppendGivenUpError):
        await database.append(partial(audit.append, records=[record], given_up=given_up))
    assert await assert_log_is_sound(database) == []


async def test_stopping_is_bounded_and_leaves_nobody_waiting(
    database: Database, elsewhere: Database, sealer: Sealer
) -> None:
    async with elsewhere.write() as session:
        await audit.append_within(session, [])
        async with asyncio.timeout(10):
            async with running_log(database, sealer, timeout_seconds=0.5) as log:
                append = asyncio.create_task(log.append(make_intent()))
                await asyncio.sleep(0.1)
            with pytest.raises(AuditUnavailableError):
                await append
    async with database.write():
        # What still waits for SQLite's lock has had its turn now.
        pass
    await assert_log_is_sound(database)


async def test_a_cancelled_writer_leaves_nobody_waiting(database: Database, sealer: Sealer) -> None:
    async with running_log(database, sealer) as log:
        append = asyncio.create_task(log.append(make_intent()))
        await asyncio.sleep(0)
        (writer,) = (task for task in asyncio.all_tasks() if task.get_name() == "audit-writer")
        writer.cancel()
        with pytest.raises(AuditUnavailableError):
            await append
        assert not log.is_running
    await assert_log_is_sound(database)


async def test_cut_connections_lose_and_repeat_nothing(
    postgres_url: str, operator: Operator, sealer: Sealer
) -> None:
    database = Database(postgres_url)
    async with running_log(database, sealer) as log:
        load = asyncio.create_task(append_for(log, seconds=2))
        cuts = 0
        while not load.done():
            await asyncio.to_thread(operator.cut_connections)
            cuts += 1
            await asyncio.sleep(0.05)
        acknowledged = await load
    rows = await assert_log_is_sound(database)
    await database.close()
    assert cuts > 5
    assert len(acknowledged) > 20
    assert sorted(position.sequence for position in acknowledged) == [row.sequence for row in rows]


async def test_a_commit_whose_answer_is_lost_is_found_and_not_repeated(
    postgres_url: str, sealer: Sealer
) -> None:
    with fault_proxy(postgres_url) as (proxy, url):
        database = Database(url)
        async with running_log(database, sealer) as log:
            await log.append(make_intent())
            proxy.cut_commits(2)
            events = [make_intent() for _ in range(10)]
            positions = await asyncio.gather(*map(log.append, events))
        assert not proxy.is_holding
        rows = await assert_log_is_sound(database)
        await database.close()
    assert [row.event_id for row in rows[1:]] == [event.event_id for event in events]
    assert [position.sequence for position in positions] == list(range(1, 11))


async def test_an_append_takes_two_trips_to_the_database(postgres_url: str, sealer: Sealer) -> None:
    limits = Limits(lookups=100, people=100, misses=100, agency_factor=2, client_factor=2)
    with fault_proxy(postgres_url) as (proxy, url):
        database = Database(url)
        async with running_log(database, sealer, limits=limits) as log:
            await log.append(make_intent(), counts=Counts.LOOKUP)
            proxy.delay_seconds, proxy.trips = 0.05, 0
            await log.append(make_intent(), counts=Counts.LOOKUP)
            proxy.delay_seconds = 0
        await database.close()
    # What must be known; what is written, with the commit: every lookup waits for each.
    assert proxy.trips == 2


async def test_a_database_that_is_away_fails_closed_and_works_again_when_back(
    postgres_url: str, operator: Operator, sealer: Sealer
) -> None:
    database = Database(postgres_url)
    async with running_log(database, sealer, timeout_seconds=1) as log:
        await log.append(make_intent())
        operator.allow_connections(allowed=False)
        operator.cut_connections()
        with pytest.raises(AuditUnavailableError):
            await log.append(make_intent())
        operator.allow_connections(allowed=True)
        await log.append(make_intent())
    rows = await assert_log_is_sound(database)
    await database.close()
    assert len(rows) >= 2
