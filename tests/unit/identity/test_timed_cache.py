import asyncio
from datetime import datetime, timedelta

import pytest

from app.errors import ServiceUnavailableError
from app.services.timed_cache import TimedCache
from tests.conftest import NOON

pytestmark = pytest.mark.anyio


class Source:
    """Counts its loads; each gives the next number."""

    def __init__(self) -> None:
        self.loads = 0
        self.now = NOON
        self.fails = False
        self.hold: asyncio.Event | None = None

    def clock(self) -> datetime:
        return self.now

    async def load(self, _key: str) -> int:
        self.loads += 1
        number = self.loads
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise ServiceUnavailableError
        return number

    def cache(self, *, limit: int = 10) -> TimedCache[str, int]:
        return TimedCache(self.load, lifetime=timedelta(seconds=30), limit=limit, clock=self.clock)


async def test_a_value_is_loaded_once_while_it_is_fresh() -> None:
    source = Source()
    cache = source.cache()
    assert [await cache.get("a"), await cache.get("a")] == [1, 1]


async def test_a_value_is_loaded_again_when_it_is_too_old() -> None:
    source = Source()
    cache = source.cache()
    await cache.get("a")
    source.now += timedelta(seconds=30)
    assert await cache.get("a") == 2


async def test_a_clock_set_back_does_not_prolong_a_value() -> None:
    source = Source()
    cache = source.cache()
    await cache.get("a")
    source.now -= timedelta(hours=1)
    assert await cache.get("a") == 2


async def test_a_value_ages_from_before_its_load() -> None:
    source = Source()
    cache = source.cache()
    source.hold = asyncio.Event()
    first = asyncio.create_task(cache.get("a"))
    await asyncio.sleep(0)
    source.now += timedelta(seconds=29)
    source.hold.set()
    await first
    source.now += timedelta(seconds=1)
    assert await cache.get("a") == 2


async def test_many_who_ask_at_once_share_one_load() -> None:
    source = Source()
    cache = source.cache()
    source.hold = asyncio.Event()
    asked = [asyncio.create_task(cache.get("a")) for _ in range(50)]
    await asyncio.sleep(0)
    source.hold.set()
    assert set(await asyncio.gather(*asked)) == {1}


async def test_different_keys_do_not_wait_for_each_other() -> None:
    source = Source()
    cache = source.cache()
    source.hold = asyncio.Event()
    slow = asyncio.create_task(cache.get("a"))
    await asyncio.sleep(0)
    source.hold = None
    assert await cache.get("b") == 2
    slow.cancel()


async def test_whoever_is_cancelled_leaves_the_load_to_the_next() -> None:
    source = Source()
    cache = source.cache()
    source.hold = asyncio.Event()
    first, second = (asyncio.create_task(cache.get("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    source.hold.set()
    assert await second == 2


async def test_a_failed_load_is_tried_again() -> None:
    source = Source()
    cache = source.cache()
    source.fails = True
    with pytest.raises(ServiceUnavailableError):
        await cache.get("a")
    source.fails = False
    assert await cache.get("a") == 2


async def test_many_who_wait_for_a_load_that_fails_share_the_failure() -> None:
    source = Source()
    cache = source.cache()
    source.hold, source.fails = asyncio.Event(), True
    asked = [asyncio.create_task(cache.get("a")) for _ in range(50)]
    await asyncio.sleep(0)
    source.hold.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {ServiceUnavailableError}
    assert source.loads == 1
    source.fails = False
    assert await cache.get("a") == 2


async def test_the_oldest_value_makes_room() -> None:
    source = Source()
    cache = source.cache(limit=2)
    for key in ("a", "b", "c"):
        await cache.get(key)
    assert await cache.get("b") == 2
    assert await cache.get("a") == 4


async def test_what_was_forgotten_is_loaded_anew() -> None:
    source = Source()
    cache = source.cache()
    assert await cache.get("key") == 1
    cache.forget()
    assert await cache.get("key") == 2


async def test_what_was_loading_when_it_was_forgotten_is_not_kept() -> None:
    source = Source()
    source.hold = asyncio.Event()
    cache = source.cache()
    loading = asyncio.create_task(cache.get("key"))
    await asyncio.sleep(0)
    cache.forget()
    source.hold.set()
    assert await loading == 1
    assert await cache.get("key") == 2


async def test_who_asks_after_a_load_has_failed_tries_again_while_others_still_hear_of_the_failure() -> None:
    source = Source()
    cache = source.cache()
    source.hold, source.fails = asyncio.Event(), True
    waiting = [asyncio.create_task(cache.get("a")) for _ in range(5)]
    while not source.loads:  # noqa: ASYNC110 - the source is as simple as it can be
        await asyncio.sleep(0)
    source.hold.set()
    with pytest.raises(ServiceUnavailableError):
        await waiting[0]
    source.fails = False
    assert not waiting[-1].done()
    assert await cache.get("a") == 2
    assert await cache.get("a") == 2
    await asyncio.gather(*waiting, return_exceptions=True)
