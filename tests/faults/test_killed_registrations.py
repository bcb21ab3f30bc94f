"""The service killed while it registers: what a caller sends again with its key is there once."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.test_processes import CASE, bearer
from tests.processes import Service, running_service

pytestmark = pytest.mark.anyio

ROUNDS = 4
KEYS_OF_A_ROUND = 50


@asynccontextmanager
async def calling(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    headers = bearer(service, "receiver")
    async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=60) as client:
        yield client


async def register(client: httpx.AsyncClient, key: str) -> dict[str, Any] | None:
    """Register a case of which the caller keeps nothing but the key; None if no answer came."""
    try:
        answer = await client.post("/cases", json=CASE | {"note": key}, headers={"Idempotency-Key": key})
    except httpx.TransportError:
        return None
    if answer.status_code == httpx.codes.CONFLICT:
        return None
    assert answer.status_code == httpx.codes.CREATED, answer.text
    case: dict[str, Any] = answer.json()
    return case


@pytest.mark.timeout(180)
async def test_killing_the_service_loses_no_registration_and_makes_none_twice(
    empty_url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)  # noqa: S311 - no secret
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    dice = random.Random(seed)  # noqa: S311 - no secret
    acknowledged: dict[str, str] = {}
    keys: list[str] = []
    for number in range(ROUNDS):
        keys += [f"{number}-{index}" for index in range(KEYS_OF_A_ROUND)]
        with running_service(empty_url, tmp_path, workers="2") as service:
            async with calling(service) as client:
                # Those of earlier rounds too: answered or not, each is sent again.
                calls = [asyncio.create_task(register(client, key)) for key in keys]
                await asyncio.sleep(dice.uniform(0.05, 0.6))
                service.kill()
                answers = await asyncio.gather(*calls)
        for key, case in zip(keys, answers, strict=True):
            if case is not None:
                assert acknowledged.setdefault(key, case["receipt_number"]) == case["receipt_number"]
    with running_service(empty_url, tmp_path) as service:
        async with calling(service) as client:
            for key in keys:
                case = await register(client, key)
                assert case is not None
                assert acknowledged.setdefault(key, case["receipt_number"]) == case["receipt_number"]
            kept: list[dict[str, Any]] = []
            cursor = None
            while cursor is not None or not kept:
                page = (
                    await client.get("/cases", params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
                ).json()
                kept += page["items"]
                cursor = page["next_cursor"]
            feed = (await client.get("/cases/changes", params={"limit": 200})).json()["items"]
    assert {case["note"]: case["receipt_number"] for case in kept} == acknowledged
    counters = sorted(int(case["receipt_number"][-4:]) for case in kept)
    assert counters == list(range(1, ROUNDS * KEYS_OF_A_ROUND + 1))
    assert [item["sequence"] for item in feed] == counters
