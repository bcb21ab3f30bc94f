"""Somebody who tries passwords on many accounts from one place."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import select

from app.alerts import Alerts
from app.db import tables
from app.db.engine import Database
from app.domain.oauth import ClientCredentials, GrantType, OAuthError, TokenRequest
from app.errors import TooManyLoginsError
from app.services.login_sources import LoginSources
from app.services.logins import Logins
from tests.unit.identity.conftest import MovedClock, Workers

pytestmark = pytest.mark.anyio

DESK = "10.0.0.7"


def guess(username: str, password: str = "guess") -> TokenRequest:  # noqa: S107 - made up
    return TokenRequest(GrantType.PASSWORD, None, None, username, password)


async def outcome(logins: Logins, request: TokenRequest, source: str = DESK) -> str:
    try:
        await logins.token(request, source_address=source)
    except OAuthError as refused:
        return refused.code.value
    except TooManyLoginsError:
        return "too many"
    return "token"


@pytest.fixture
def few(workers: Workers) -> Logins:
    """Log-ins that stop an address after ten."""
    return workers.logins(limit=10)


async def test_guesses_on_many_accounts_from_one_address_are_stopped_and_others_are_not(
    few: Logins, clock: MovedClock
) -> None:
    outcomes = [await outcome(few, guess(f"officer{number}")) for number in range(12)]
    assert outcomes == ["invalid_grant"] * 10 + ["too many"] * 2
    assert await outcome(few, guess("receiver", "sandbox")) == "too many"
    assert await outcome(few, guess("receiver", "sandbox"), "10.0.0.8") == "token"
    clock.advance(seconds=899)
    assert await outcome(few, guess("receiver", "sandbox")) == "too many"
    clock.advance(seconds=1)
    assert await outcome(few, guess("receiver", "sandbox")) == "token"


async def test_the_caller_is_told_when_to_come_back(few: Logins, clock: MovedClock) -> None:
    await asyncio.gather(*(outcome(few, guess(f"officer{number}")) for number in range(10)))
    clock.advance(minutes=5)
    with pytest.raises(TooManyLoginsError) as refused:
        await few.token(guess("receiver"), source_address=DESK)
    assert refused.value.retry_after_seconds == 601


async def test_of_many_guesses_at_once_on_two_workers_none_beyond_the_limit_is_answered(
    few: Logins, workers: Workers
) -> None:
    both = (few, workers.logins(limit=10))
    guesses = [outcome(both[number % 2], guess(f"officer{number}")) for number in range(40)]
    assert Counter(await asyncio.gather(*guesses)) == {"invalid_grant": 10, "too many": 30}


async def test_a_login_begun_before_the_limit_and_ended_after_it_is_not_answered(
    loaded: Database, few: Logins, clock: MovedClock
) -> None:
    sources = LoginSources(loaded, limit=10, window_seconds=900, alerts=Alerts(), clock=clock)

    async def log_in_while_others_guess() -> None:
        async with sources.guarded(DESK):
            guesses = [outcome(few, guess(f"officer{number}")) for number in range(10)]
            assert Counter(await asyncio.gather(*guesses)) == {"invalid_grant": 10}

    with pytest.raises(TooManyLoginsError):
        await log_in_while_others_guess()


async def test_a_guessed_secret_counts_and_a_mistaken_request_does_not(few: Logins) -> None:
    wrong = TokenRequest(GrantType.CLIENT_CREDENTIALS, None, ClientCredentials("portal", "wrong"))
    unfit = TokenRequest(GrantType.PASSWORD, None, ClientCredentials("portal", "sandbox"), "a", "b")
    assert [await outcome(few, unfit) for _ in range(3)] == ["unauthorized_client"] * 3
    outcomes = await asyncio.gather(*(outcome(few, wrong) for _ in range(10)))
    assert set(outcomes) == {"invalid_client"}
    assert await outcome(few, wrong) == "too many"


async def test_good_logins_are_never_counted(few: Logins) -> None:
    requests = [outcome(few, guess("receiver", "sandbox")) for _ in range(25)]
    assert Counter(await asyncio.gather(*requests)) == {"token": 25}


async def test_one_network_of_ipv6_is_one_source(few: Logins) -> None:
    sources = [f"2001:db8:0:1::{number:x}" for number in range(1, 11)]
    await asyncio.gather(*(outcome(few, guess("officer"), source) for source in sources))
    assert await outcome(few, guess("officer"), "2001:db8:0:1:ffff::1") == "too many"
    assert await outcome(few, guess("officer"), "2001:db8:0:2::1") == "invalid_grant"


async def test_old_counts_are_forgotten(loaded: Database, few: Logins, clock: MovedClock) -> None:
    await outcome(few, guess("officer"))
    sources = LoginSources(loaded, limit=10, window_seconds=900, alerts=Alerts(), clock=clock)
    for minutes, left in ((29, 1), (2, 0)):
        clock.advance(minutes=minutes)
        await sources.forget()
        async with loaded.read() as session:
            assert len((await session.scalars(select(tables.LoginSource))).all()) == left
