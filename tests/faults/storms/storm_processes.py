"""Processes that end, or share what they should not have to share; and a register behind tokens."""

import asyncio
import resource
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.faults.storms.apart import calling_service, judge_apart
from tests.faults.storms.invariants import Evidence
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import load
from tests.faults.storms.world import World
from tests.processes import running_service
from tests.simulators import running_simulator

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]


async def test_told_to_end_under_load_it_finishes_what_it_has(world: World) -> None:
    before = world.ledger.acknowledged
    for _ in range(3):
        service = world.service
        async with calling_service(world, service) as callers, load(callers):
            await asyncio.sleep(world.dice.uniform(0.3, 1))
            service.process.terminate()
            await asyncio.to_thread(service.process.wait, 30)
        world.evidence.look()
        # Every lookup that was begun has its end: nothing was cut off.
        assert world.evidence.open_lookups() == [], "a lookup was cut off"
    async with calling_service(world, world.service) as callers:
        await world.settle(callers)
    world.judge("SIGTERM under load", 3, world.ledger.acknowledged - before)


async def test_killed_and_started_again_it_goes_on(world: World) -> None:
    before = world.ledger.acknowledged
    for _ in range(2):
        service = world.service
        async with calling_service(world, service) as callers, load(callers):
            await asyncio.sleep(world.dice.uniform(0.3, 1))
            await asyncio.to_thread(service.kill)
    async with calling_service(world, world.service) as callers:
        await world.settle(callers)
    world.judge("all processes killed", 2, world.ledger.acknowledged - before)


async def test_two_services_share_one_sqlite_file(world: World, tmp_path: Path) -> None:
    ledger, url = Ledger(), f"sqlite:///{tmp_path}/shared.db"
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(
                running_service(url, tmp_path, **world.settings_apart(tmp_path), workers=workers)
            )
            for workers in ("2", "1")
        )
        async with (
            calling_service(world, first, ledger) as one,
            calling_service(world, second, ledger) as other,
        ):
            async with load(one), load(other):
                await asyncio.sleep(3)
            await world.settle(one, ledger)
    judge_apart(world, "a second service on one SQLite file", url, ledger, tmp_path)


async def test_a_disk_that_is_full_under_sqlite_loses_nothing(world: World, tmp_path: Path) -> None:
    ledger, url = Ledger(), f"sqlite:///{tmp_path}/full.db"
    # Its own log is a file too, and has to stay below the limit.
    settings = world.settings_apart(tmp_path) | {"log_level": "error"}
    with running_service(url, tmp_path, **settings) as service:
        async with calling_service(world, service, ledger) as callers:
            async with load(callers):
                await asyncio.sleep(0.5)
                _limit(service.process.pid, _FULL_BYTES)
                refused, began = 0, time.monotonic()
                # A registration is refused at once, a lookup when its record has waited for its time.
                while not refused and time.monotonic() < began + 20:
                    await asyncio.sleep(1.5)
                    refused = (
                        ledger.statuses["503 audit-unavailable"] + ledger.statuses["503 service-unavailable"]
                    )
                _limit(service.process.pid, resource.RLIM_INFINITY)
                await asyncio.sleep(0.5)
            await world.settle(callers, ledger)
    assert refused > 0, "the disk was not full"
    judge_apart(world, "disk full under SQLite", url, ledger, tmp_path)


# Less than any of the database's files has.
_FULL_BYTES: Final = 65_536


def _limit(process: int, size: int) -> None:
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def test_tokens_that_end_and_an_endpoint_that_is_down_lose_nothing(
    world: World, tmp_path: Path
) -> None:
    ledger, name = Ledger(), world.create_database()
    with running_simulator("lgsp-json", tmp_path) as simulator:
        settings = world.settings_apart(tmp_path) | simulator.settings
        with running_service(name, tmp_path, **settings) as service:
            async with calling_service(world, service, ledger) as callers:
                async with load(callers):
                    for _ in range(3):
                        await asyncio.sleep(0.4)
                        simulator.expire_tokens()
                        await asyncio.sleep(0.4)
                        simulator.fail_tokens("reset", "status-500", "silent", "garbage")
                        simulator.expire_tokens()
                await world.settle(callers, ledger)
        evidence = Evidence(name)
        evidence.look()
        evidence.check_nothing_was_asked_unseen(simulator.received(), with_times=True)
    assert ledger.statuses["502 population-database-error"] > 0
    judge_apart(world, "token expired, token endpoint down", name, ledger, tmp_path, times=6)
