import asyncio

import pytest

from app.adapters.population.channel.failures import CallFailedError, Effect
from app.adapters.population.channel.lgsp_token import FetchedToken, LgspTokens
from tests.unit.population.channel.channels import Clock

pytestmark = pytest.mark.anyio


async def never() -> FetchedToken:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_token_that_does_not_come_in_time_is_a_failed_call() -> None:
    tokens = LgspTokens(never, timeout_seconds=0.01, clock=Clock())
    with pytest.raises(CallFailedError):
        await tokens.current()


async def test_closing_ends_a_fetch_that_is_under_way() -> None:
    tokens = LgspTokens(never, timeout_seconds=60, clock=Clock())
    waiting = asyncio.create_task(tokens.current())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await tokens.close()
    await tokens.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_token_that_somebody_renewed_meanwhile_is_not_fetched_again() -> None:
    fetched = iter(["one", "two"])

    async def fetch() -> FetchedToken:
        return FetchedToken(next(fetched), 100)

    tokens = LgspTokens(fetch, timeout_seconds=1, clock=Clock())
    assert await tokens.current() == "one"
    assert [await tokens.renewed("one"), await tokens.renewed("one")] == ["two", "two"]


class Endpoint:
    """Gives tokens of a hundred seconds, or fails, once it is let."""

    def __init__(self, *outcomes: str | None) -> None:
        self._outcomes = iter(outcomes)
        self.asked = 0
        self.let = asyncio.Event()
        self.let.set()

    async def fetch(self) -> FetchedToken:
        self.asked += 1
        outcome = next(self._outcomes)
        await self.let.wait()
        if outcome is None:
            raise CallFailedError
        return FetchedToken(outcome, 100)


async def test_shortly_before_its_end_a_token_serves_while_the_next_one_is_fetched() -> None:
    clock, endpoint = Clock(), Endpoint("one", "two")
    tokens = LgspTokens(endpoint.fetch, timeout_seconds=1, clock=clock)
    assert await tokens.current() == "one"
    endpoint.let.clear()
    clock.now += 95
    assert [await tokens.current() for _ in range(3)] == ["one"] * 3
    clock.now += 5
    waiting = asyncio.create_task(tokens.current())
    await asyncio.sleep(0)
    assert not waiting.done()
    endpoint.let.set()
    assert (await waiting, endpoint.asked) == ("two", 2)


async def test_a_token_serves_to_its_end_while_no_next_one_comes_and_few_tries_are_made() -> None:
    clock, endpoint = Clock(), Endpoint("one", None, None, None)
    tokens = LgspTokens(endpoint.fetch, timeout_seconds=1, clock=clock)
    assert await tokens.current() == "one"
    clock.now += 91
    for seconds_later in (5, 4):
        for _ in range(5):
            assert await tokens.current() == "one"
            await asyncio.sleep(0.001)
        clock.now += seconds_later
    assert endpoint.asked == 3
    with pytest.raises(CallFailedError):
        await tokens.current()
    assert endpoint.asked == 4


async def test_a_token_that_was_refused_serves_nobody_though_it_has_not_ended() -> None:
    clock, endpoint = Clock(), Endpoint("one", "two")
    tokens = LgspTokens(endpoint.fetch, timeout_seconds=1, clock=clock)
    assert await tokens.current() == "one"
    clock.now += 95
    assert await tokens.current() == "one"
    assert await tokens.renewed("one") == "two"
    assert endpoint.asked == 2


@pytest.mark.parametrize(("outcome", "counted"), [("in time", 1), ("never", 3)])
async def test_a_fetch_that_fails_counts_once_and_one_that_hangs_for_all_who_waited(
    outcome: str, counted: int
) -> None:
    clock, endpoint = Clock(), Endpoint(None)
    if outcome == "never":
        endpoint.let.clear()
    tokens = LgspTokens(endpoint.fetch, timeout_seconds=0.05, clock=clock)
    failures = await asyncio.gather(*(tokens.current() for _ in range(3)), return_exceptions=True)
    effects = [failure.effect for failure in failures if isinstance(failure, CallFailedError)]
    assert (len(effects), effects.count(Effect.FAILED)) == (3, counted)
