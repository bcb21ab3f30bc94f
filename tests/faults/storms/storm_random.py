"""Any faults at any moments, for as long as FAULTS_MINUTES says; FAULTS_SEED repeats the choices."""

import asyncio
import os
import time

import pytest

from tests.faults.storms.faults import FAULTS
from tests.faults.storms.load import calling, load
from tests.faults.storms.world import World

_MINUTES = float(os.environ.get("FAULTS_MINUTES") or 0.5)

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60 * _MINUTES + 600)]


async def test_a_storm_of_any_faults_loses_nothing(world: World) -> None:
    before, times = world.ledger.acknowledged, 0
    service = world.service
    deadline = time.monotonic() + 60 * _MINUTES
    async with calling(service.base_url, service.token("receiver"), world.ledger, world.dice) as callers:
        async with load(callers):
            while time.monotonic() < deadline:
                await asyncio.sleep(world.dice.uniform(0, 1))
                fault = world.dice.choice(sorted(FAULTS))
                print(f"{time.monotonic():.1f} {fault}")  # noqa: T201 - to follow a failure
                times += await FAULTS[fault](world) > 0
        await world.settle(callers)
    world.judge(f"any of them, for {_MINUTES:g} min", times, world.ledger.acknowledged - before)
