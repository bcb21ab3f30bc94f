"""Tokens over real processes: two workers that share used assertions, and follow a change of the key."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.front_ends import GRANT, claims_at, register
from tests.foreign_tokens import ec_key
from tests.processes import Service, motcua, running_service

pytestmark = pytest.mark.anyio

KEY = ec_key()


def status(service: Service, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{service.base_url}/me", headers=headers, timeout=30).status_code


def published(service: Service) -> set[str]:
    answer = httpx.get(f"{service.base_url}/.well-known/jwks.json", timeout=30)
    return {key["kid"] for key in answer.json()["keys"]}


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until both workers say so: each connection may go to either, so it must be true many times."""
    deadline = time.monotonic() + 25
    while not all(is_so() for _ in range(8)):
        assert time.monotonic() < deadline, "the workers did not follow"
        time.sleep(0.3)


def rotate(url: str, folder: Path, *options: str) -> str:
    key_file = f"{folder}/keys.json"
    done = motcua("keys", "rotate-token-key", *options, database_url=url, key_file=key_file)
    assert done.returncode == 0, done.stderr
    return done.stdout


def changes_on_record(service: Service) -> list[dict[str, Any]]:
    answer = httpx.get(
        f"{service.base_url}/audit/records",
        params={"kind": "CHANGE"},
        headers={"Authorization": f"Bearer {service.token('auditor')}"},
        timeout=30,
    )
    records = [item["record"] for item in answer.json()["items"]]
    return [record for record in records if record["result"].startswith("token-key")]


async def ask_at_once(service: Service, assertion: str, times: int) -> Counter[int]:
    form = {"grant_type": GRANT, "assertion": assertion}

    async def ask() -> int:
        # A connection each: the workers share the port by connections.
        async with httpx.AsyncClient(timeout=60) as client:
            return (await client.post(f"{service.base_url}/auth/token", data=form)).status_code

    return Counter(await asyncio.gather(*(ask() for _ in range(times))))


async def test_two_workers_take_an_assertion_once_and_follow_a_change_of_the_key(
    empty_url: str, tmp_path: Path
) -> None:
    with running_service(empty_url, tmp_path, workers="2") as service:
        register(empty_url, KEY)
        endpoint = f"{service.base_url}/auth/token"
        for _ in range(3):
            assertion = KEY.token(claims_at(datetime.now(UTC), aud=endpoint))
            assert await ask_at_once(service, assertion, 20) == {200: 1, 400: 19}

        token = service.token("receiver")
        (old,) = published(service)
        said = rotate(empty_url, tmp_path)
        new = said.partition("key ")[2].split()[0]
        wait_until(lambda: published(service) == {old, new})
        assert status(service, token) == 200

        rotate(empty_url, tmp_path, "--end-sessions")
        wait_until(lambda: status(service, token) == 401)
        wait_until(lambda: len(published(service)) == 1)
        wait_until(lambda: status(service, service.token("receiver")) == 200)
        results = [record["result"] for record in changes_on_record(service)]
        assert sorted(results) == ["token-key-rotated", "token-keys-replaced"]
        for record in changes_on_record(service):
            assert (record["officer"], record["details"]["made_by"][:4]) == (None, "cli:")
        assert "BEGIN PRIVATE" not in json.dumps(changes_on_record(service))
