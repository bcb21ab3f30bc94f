"""However long some hold their connections, others have theirs: the audit log's writer above all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import psycopg
import pytest
from sqlalchemy import Connection, text

from app.adapters.population.factory import SANDBOX_POPULATION
from app.adapters.population.sandbox.mock import MockPopulationDatabase
from app.adapters.population.sandbox.population_file import open_population
from app.alerts import Alerts
from app.db.engine import Database, Session
from app.errors import ServiceUnavailableError
from app.keys.sealing import Sealer
from app.services.checkpoint_patience import CheckpointPatience
from app.services.health import Health
from app.services.metrics import Metrics
from tests.unit.audit.events import make_intent
from tests.unit.cases.conftest import RECEIVER, Desk, SteppedClock, open_desk, seed

pytestmark = pytest.mark.anyio

POOL_SIZE = 2

Transactions = Callable[[], AbstractAsyncContextManager[Session]]


@pytest.fixture
async def small_desk(postgres_url: str, sealer: Sealer, clock: SteppedClock) -> AsyncIterator[Desk]:
    database = Database(postgres_url, pool_size=POOL_SIZE)
    await seed(database)
    async with open_desk(database, sealer, clock) as desk:
        yield desk
    await database.close()


async def _sleep(transactions: Transactions) -> None:
    async with transactions() as session:
        await session.execute(text("SELECT pg_sleep(25)"))


def _sleep_a_moment(connection: Connection) -> None:
    connection.execute(text("SELECT pg_sleep(3)"))


def _connections(url: str, state: str) -> int:
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE %s"
        # The server's own vacuum is none of ours.
        " AND backend_type = 'client backend'"
    )
    with psycopg.connect(url) as connection:
        # One of them is the one that counts.
        return int(connection.execute(query, [state]).fetchall()[0][0]) - 1


@asynccontextmanager
async def all_held(url: str, *kinds: Transactions, beside: int = 0) -> AsyncIterator[None]:
    """Hold every connection of these kinds, with others that wait for one already."""
    tasks = [asyncio.create_task(_sleep(kind)) for kind in kinds for _ in range(POOL_SIZE + 1)]
    try:
        for _ in range(250):
            if await asyncio.to_thread(_connections, url, "active") == POOL_SIZE * len(kinds) + beside:
                break
            await asyncio.sleep(0.02)
        else:
            pytest.fail("the connections are not held")
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@asynccontextmanager
async def health_of(desk: Desk) -> AsyncIterator[Health]:
    with open_population(SANDBOX_POPULATION) as population:
        register = MockPopulationDatabase(population, deadline_seconds=1)
        patience = CheckpointPatience(limit_seconds=60, figures=Metrics(), alerts=Alerts())
        yield Health(database=desk.database, audit=desk.audit, patience=patience, population=register)


async def test_slow_searches_hold_up_nobody_else(small_desk: Desk, postgres_url: str) -> None:
    async with health_of(small_desk) as health, all_held(postgres_url, small_desk.database.search):
        async with asyncio.timeout(2):
            await small_desk.look_up()
            case = await small_desk.register()
            assert await small_desk.cases.get(RECEIVER, case.receipt_number) == case
            await health.check()


async def test_the_audit_log_is_written_when_all_other_connections_are_held(
    small_desk: Desk, postgres_url: str
) -> None:
    database = small_desk.database
    async with all_held(postgres_url, database.write, database.read, database.search):
        async with asyncio.timeout(2):
            positions = await asyncio.gather(*(small_desk.audit.append(make_intent()) for _ in range(50)))
    assert sorted(position.sequence for position in positions) == list(range(50))


async def test_readiness_gives_up_soon_and_comes_back(small_desk: Desk, postgres_url: str) -> None:
    async with health_of(small_desk) as health:
        async with all_held(postgres_url, small_desk.database.read):
            async with asyncio.timeout(4):
                probes = await asyncio.gather(*(health.check() for _ in range(20)), return_exceptions=True)
            assert {type(answer) for answer in probes} == {ServiceUnavailableError}
        await asyncio.sleep(1.1)
        assert (await health.check()).state == "available"


async def test_readiness_looks_at_the_database_once_a_second(small_desk: Desk, postgres_url: str) -> None:
    async with health_of(small_desk) as health:
        await health.check()
        async with all_held(postgres_url, small_desk.database.read):
            async with asyncio.timeout(0.5):
                await health.check()
            await asyncio.sleep(1.1)
            with pytest.raises(ServiceUnavailableError):
                await health.check()


async def test_a_process_takes_no_more_connections_than_documented(
    small_desk: Desk, postgres_url: str
) -> None:
    database = small_desk.database
    appends = [asyncio.create_task(database.append(_sleep_a_moment)) for _ in range(3)]
    async with all_held(postgres_url, database.write, database.read, database.search, beside=2):
        assert await asyncio.to_thread(_connections, postgres_url, "%") == 3 * POOL_SIZE + 2
    await asyncio.gather(*appends)
