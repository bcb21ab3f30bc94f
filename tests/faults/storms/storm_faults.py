"""Every fault once, on one service under mixed load: nothing that was acknowledged is missing afterwards."""

import asyncio

import pytest

from tests.faults.storms.faults import FAULTS
from tests.faults.storms.load import calling, load
from tests.faults.storms.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]


@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_acknowledged_is_lost(fault: str, world: World) -> None:
    before = world.ledger.acknowledged
    service = world.service
    async with calling(service.base_url, service.token("receiver"), world.ledger, world.dice) as callers:
        async with load(callers):
            await asyncio.sleep(0.3)
            times = await FAULTS[fault](world)
            await asyncio.sleep(0.3)
        await world.settle(callers)
    world.judge(fault, times, world.ledger.acknowledged - before)


def test_nothing_that_people_wrote_stands_in_the_clear(world: World) -> None:
    world.service.token("receiver")
    world.check_marks()
