import asyncio

import pytest

from app.adapters.population.channel.bulkhead import Bulkhead
from app.errors import PopulationDatabaseUnavailableError

pytestmark = pytest.mark.anyio


async def test_who_waits_too_long_for_a_place_is_refused_and_takes_none() -> None:
    bulkhead = Bulkhead(places=1, most_waiting=1, wait_seconds=0.05)
    async with bulkhead.place():
        with pytest.raises(PopulationDatabaseUnavailableError) as refused:
            async with bulkhead.place():
                pytest.fail("there is no second place")
        assert refused.value.retry_after_seconds == 1
    async with asyncio.timeout(1), bulkhead.place():
        pass
