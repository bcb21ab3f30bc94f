import asyncio

import pytest

from app.adapters.population.channel.failures import CallFailedError
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
