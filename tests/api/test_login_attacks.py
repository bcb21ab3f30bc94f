"""Attacks on log-in over HTTP: what tells an account that exists from one that does not, and guessing."""

import asyncio
import statistics
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import update

from app.db import tables
from app.services.passwords import Passwords
from app.settings.settings import Settings
from tests.api.conftest import TestClock
from tests.databases import change_beside

pytestmark = pytest.mark.anyio

LIMIT: Final = 60
PLACES: Final = 4
CROWD: Final = 16
AT_A_TIME: Final = 8


@pytest.fixture
def settings(sandbox_url: str, key_file: Path) -> Settings:
    return Settings(
        database_url=sandbox_url, key_file=key_file, login_source_failures=LIMIT, max_in_flight=PLACES
    )


async def guess(
    client: httpx.AsyncClient,
    username: str,
    password: str = "wrong",  # noqa: S107 - made up
) -> httpx.Response:
    form = {"grant_type": "password", "username": username, "password": password}
    return await client.post("/auth/token", data=form)


async def guess_many(client: httpx.AsyncClient, guesses: int) -> list[int]:
    """Guess at so many accounts, a few at a time, since log-ins wait only so long; give the statuses."""
    statuses: list[int] = []
    for first in range(0, guesses, AT_A_TIME):
        numbers = range(first, min(first + AT_A_TIME, guesses))
        answers = await asyncio.gather(*(guess(client, f"officer{number}") for number in numbers))
        statuses += [answer.status_code for answer in answers]
    return statuses


async def change_account(database_url: str, username: str, **values: object) -> None:
    table = tables.Officer
    await change_beside(database_url, update(table).where(table.username == username).values(**values))


async def costly_hash(password: str) -> str:
    with closing(Passwords()) as passwords:
        return await passwords.hash(password)


def shape(answer: httpx.Response) -> tuple[object, ...]:
    """Give all of an answer that does not change from one request to the next."""
    names = sorted(name for name in answer.headers if name not in {"date", "x-request-id"})
    return answer.status_code, answer.content, [(name, answer.headers[name]) for name in names]


async def test_unknown_disabled_locked_and_open_accounts_are_refused_alike(
    client: httpx.AsyncClient, sandbox_url: str
) -> None:
    await change_account(sandbox_url, "receiver2", is_active=False)
    for _ in range(5):
        await guess(client, "receiver3")
    answers = [
        await guess(client, "receiver"),
        await guess(client, "nobody"),
        await guess(client, "receiver2", "sandbox"),
        await guess(client, "receiver3", "sandbox"),
        await guess(client, "receiver3"),
    ]
    assert len({str(shape(answer)) for answer in answers}) == 1


async def test_the_time_of_a_refusal_does_not_tell_whether_the_account_exists(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    # In turn and many times, so that a busy machine slows both alike; medians, so that single pauses do not
    # count. Without the floor the difference is a commit and more, some of every hundred of both overlap.
    times: dict[str, list[float]] = {"receiver": [], "nobody": []}
    for _ in range(12):
        for name, taken in times.items():
            begun = time.perf_counter()
            await guess(client, name)
            taken.append(time.perf_counter() - begun)
        # The count of bad log-ins does not lock the account meanwhile.
        clock.advance(timedelta(minutes=16))
    known, unknown = (statistics.median(taken) for taken in times.values())
    spread = max(statistics.stdev(taken) for taken in times.values())
    assert min(map(min, times.values())) >= 0.25
    assert abs(known - unknown) < max(0.02, 2 * spread)


async def test_many_accounts_from_one_address_get_429_with_when_to_come_back(
    client: httpx.AsyncClient, clock: TestClock
) -> None:
    assert sorted(await guess_many(client, LIMIT + 10)) == [400] * LIMIT + [429] * 10
    answer = await guess(client, "receiver", "sandbox")
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-logins")
    assert 1 <= int(answer.headers["retry-after"]) <= 901
    clock.advance(timedelta(seconds=int(answer.headers["retry-after"])))
    assert (await guess(client, "receiver", "sandbox")).status_code == 200


async def test_tokens_that_are_there_already_go_on_working_from_a_stopped_address(
    client: httpx.AsyncClient,
) -> None:
    token = (await guess(client, "receiver", "sandbox")).json()["access_token"]
    await guess_many(client, LIMIT)
    assert (await guess(client, "receiver", "sandbox")).status_code == 429
    answer = await client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.usefixtures("costly_hashes")
async def test_a_crowd_that_logs_in_takes_nobody_elses_place(
    client: httpx.AsyncClient, sandbox_url: str
) -> None:
    await change_account(sandbox_url, "receiver", password_hash=await costly_hash("sandbox"))
    token = (await guess(client, "receiver", "sandbox")).json()["access_token"]
    crowd = [asyncio.create_task(guess(client, "receiver", "sandbox")) for _ in range(CROWD)]
    await asyncio.sleep(0.05)
    answer = await client.get("/cases", headers={"Authorization": f"Bearer {token}"})
    still_waiting = sum(not task.done() for task in crowd)
    assert answer.status_code == 200
    # In one queue with them, all but those in the places would have been served before.
    assert still_waiting > CROWD // 2
    assert [one.status_code for one in await asyncio.gather(*crowd)] == [200] * CROWD
