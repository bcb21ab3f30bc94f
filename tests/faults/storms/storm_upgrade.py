"""From one release to the next under load: not one request fails, and each reads what the other wrote."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.databases import PostgresCopies
from tests.faults.storms.apart import judge_apart
from tests.faults.storms.balancer import Balancer
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import load
from tests.faults.storms.next_release import make_next_release, motcua
from tests.faults.storms.world import World
from tests.processes import Program, running_service
from tests.unit.house.source_files import ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]


@contextmanager
def roles(world: World) -> Iterator[tuple[str, str]]:
    """Give a new database's address for its owner, and for the role that the service has."""
    copies = PostgresCopies(world.postgres.url)
    name = copies.create()
    owner_url = copies.url_of(name)
    assert motcua("migrate", database_url=owner_url).returncode == 0
    try:
        yield owner_url, copies.restrict(name)
    finally:
        copies.drop(name)
        copies.drop_role(name)


class Fleet:
    """Services of both releases on one database, behind a balancer."""

    def __init__(self, world: World, url: str, folder: Path, stack: AsyncExitStack) -> None:
        self.ledger = Ledger()
        self.balancer = Balancer(world.dice)
        self._world, self._url, self._folder, self._stack = world, url, folder, stack

    async def start(self, release: Path) -> AsyncExitStack:
        """Start one, wait until it gets requests, and give what ends it as an operator would."""
        ending = await self._stack.enter_async_context(AsyncExitStack())
        settings = self._world.settings_apart(self._folder) | {
            "shutdown_notice_seconds": "1",
            # One name for all, as behind a real balancer.
            "public_url": "http://127.0.0.1:8000",
        }
        service = running_service(self._url, self._folder, Program(release=release), **settings)
        started = await asyncio.to_thread(ending.enter_context, service)
        await ending.enter_async_context(self.balancer.serving(self._world, started, self.ledger))

        async def terminate() -> None:
            started.process.terminate()
            await asyncio.to_thread(started.process.wait, 40)

        ending.push_async_callback(terminate)
        await self.balancer.until_ready(started)
        return ending


async def migrated_beside(owner_url: str, release: Path, fleet: Fleet) -> AsyncExitStack:
    """Migrate while a transaction holds the index up, and start one more of the old release meanwhile."""
    with psycopg.connect(owner_url) as holding:
        # It has looked at no table, so that only an index that is made beside others waits for it.
        holding.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        holding.execute("SELECT 1")
        migrating = asyncio.create_task(
            asyncio.to_thread(motcua, "migrate", release=release, database_url=owner_url)
        )
        while not await asyncio.to_thread(is_index_begun, owner_url):
            assert not migrating.done(), migrating.result()
            await asyncio.sleep(0.05)
        starting = asyncio.create_task(fleet.start(ROOT))
        await asyncio.sleep(1.5)
        assert not migrating.done(), migrating.result()
        holding.rollback()
    ended = await migrating
    assert (ended.returncode, ended.stderr) == (0, "")
    return await starting


def is_index_begun(owner_url: str) -> bool:
    question = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
    with psycopg.connect(owner_url) as connection:
        return connection.execute(question).fetchone() is not None


async def test_an_upgrade_over_a_schema_change_fails_no_request(world: World, tmp_path: Path) -> None:
    following = make_next_release(tmp_path)
    with roles(world) as (owner_url, service_url):
        async with AsyncExitStack() as stack:
            fleet = Fleet(world, service_url, tmp_path, stack)
            old = [await fleet.start(ROOT) for _ in range(2)]
            async with load(fleet.balancer, at_once=3):
                await asyncio.sleep(0.5)
                late = await migrated_beside(owner_url, following, fleet)
                before = len(fleet.ledger.cases)
                for each in old:
                    await each.aclose()
                    await fleet.start(following)
                await late.aclose()
                await asyncio.sleep(0.5)
        failed = {told: times for told, times in fleet.ledger.statuses.items() if told not in {"200", "201"}}
        assert not failed
        with psycopg.connect(owner_url) as connection:
            rows = connection.execute("SELECT coalesce(release, 'next'), count(*) FROM case_file GROUP BY 1")
            written: dict[str, int] = dict(rows.fetchall())
        # Old ones went on registering on the new schema, and new ones have begun.
        assert written["old"] >= before > 0
        assert written["next"] > 0
        judge_apart(world, "upgrade over a schema change", owner_url, fleet.ledger, tmp_path, times=3)
