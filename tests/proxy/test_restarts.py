"""Processes restarted one after the other behind the shipped configuration: not one request fails."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.faults.test_processes import CASE, LOOKUP
from tests.processes import Program, Service, free_port, running_service
from tests.proxy.nginx import Nginx, running_nginx

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

CALLERS = 8
# Longer than nginx passes over a process that it could not reach, as docs/operations.md says.
PAUSE_SECONDS = 6


async def call_over_and_over(client: httpx.AsyncClient, told: Counter[str], done: asyncio.Event) -> None:
    number = 0
    while not done.is_set():
        path, body = (("/verify/id-card", LOOKUP), ("/cases", CASE))[number % 2]
        number += 1
        try:
            answer = await client.post(path, json=body)
            told[f"{answer.status_code} {'' if answer.is_success else answer.text}".strip()] += 1
        except httpx.TransportError as error:
            told[type(error).__name__] += 1
        await asyncio.sleep(0.01)


def shipped_settings() -> dict[str, str]:
    """Read what the shipped settings say about the end of a process."""
    lines = Path("deploy/systemd/motcua.env").read_text(encoding="utf-8").splitlines()
    return {
        name.removeprefix("MOTCUA_").lower(): value
        for name, _, value in (line.partition("=") for line in lines)
        if name.startswith("MOTCUA_SHUTDOWN_")
    }


async def test_restarts_one_after_the_other_fail_no_request(tmp_path: Path) -> None:
    settings = shipped_settings() | {"trusted_proxies": "127.0.0.1", "public_url": "https://127.0.0.1"}
    ports = [free_port(), free_port()]
    (tmp_path / "nginx").mkdir()
    with ExitStack() as stack:

        def start(port: int) -> Service:
            url = f"sqlite:///{tmp_path / 'service.db'}"
            return stack.enter_context(running_service(url, tmp_path, Program(port=port), **settings))

        services = [start(port) for port in ports]
        nginx = stack.enter_context(running_nginx(tmp_path / "nginx", *ports))
        told = await told_while_restarted(nginx, services, start)
    assert told.keys() == {"200", "201"}


async def told_while_restarted(
    nginx: Nginx, services: list[Service], start: Callable[[int], Service]
) -> Counter[str]:
    told, done = Counter[str](), asyncio.Event()
    headers = {"Authorization": f"Bearer {services[0].token('receiver')}"}
    async with (
        httpx.AsyncClient(base_url=nginx.base_url, verify=nginx.trust, headers=headers, timeout=30) as client,
        asyncio.TaskGroup() as callers,
    ):
        for _ in range(CALLERS):
            callers.create_task(call_over_and_over(client, told, done))
        await asyncio.sleep(1)
        for service in services:
            service.process.terminate()
            await asyncio.to_thread(service.process.wait, 40)
            await asyncio.to_thread(start, int(service.base_url.rpartition(":")[2]))
            await asyncio.sleep(PAUSE_SECONDS)
        done.set()
    return told
