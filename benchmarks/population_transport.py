"""Measure what a question to the register costs beside the register's own time.

    python -m benchmarks.population_transport

First the HTTP clients and the whole adapter, 64 calls in flight over a register that answers at once; then
the own share, call time minus the register's 50 ms, of the adapter and of the whole service. Takes less
than a minute. Absolute figures differ between machines; what counts are the ratios, and which load keeps
the own share within its bounds.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TextIO

import aiohttp
import httpx
import uvloop
from httpx_aiohttp import AiohttpTransport

from app.adapters.population.factory import open_population_database
from app.adapters.population.port import LookupContext, PopulationDatabase
from app.alerts import Alerts
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName
from app.logs import configure_logs
from app.services.metrics import Metrics
from app.serving.memory import spare_the_collector
from app.settings.settings import Settings
from benchmarks.lean_upstream import running_upstream
from benchmarks.load import Call, Load, in_flight, paced
from benchmarks.served import Server, running_service, verification

CALLERS: Final = 64
DELAY_MS: Final = 50
ROUNDS: Final = 3
ROUND_SECONDS: Final = 1.0
LOAD_SECONDS: Final = 3.0
SHARES: Final = (0.25, 0.5, 0.75)
"""Loads, of what 64 calls in flight come to; absolute ones are too much for a slow machine."""

CLAIM: Final = IdentityClaim(
    full_name=PersonName("NGUYỄN THỊ MINH NGỌC"),
    id_number=IdentityNumber("100190000001"),
    birth_date=PartialDate.parse("1990-07-30"),
)
CONTEXT: Final = LookupContext(
    request_id="018f4e0c-0000-7000-8000-000000000001",
    service_code="1.004194",
    officer_id_number="100185000901",
    unit_code="H24.15",
    account="receiver",
)


def httpx_call(client: httpx.AsyncClient, url: str, body: bytes) -> Call:
    """Give the call of a client of httpx."""

    async def post() -> None:
        (await client.post(url, content=body)).raise_for_status()

    return post


def aiohttp_call(session: aiohttp.ClientSession, url: str, body: bytes) -> Call:
    """Give the call of aiohttp without anything over it."""

    async def post() -> None:
        async with session.post(url, data=body, raise_for_status=True) as answer:
            await answer.read()

    return post


@asynccontextmanager
async def population_at(url: str) -> AsyncIterator[PopulationDatabase]:
    """Give the whole adapter, as the service has it."""
    settings = Settings.model_validate(
        {
            "npd_profile": "ndxp-soap",
            "npd_url": url,
            "npd_username": "benchmark",
            "npd_secret": "benchmark",
            "npd_max_in_flight": CALLERS,
            "npd_max_waiting": 10_000,
            "npd_wait_seconds": 10,
        }
    )
    async with open_population_database(settings, Metrics(), Alerts()) as population:
        yield population


def find_call(population: PopulationDatabase) -> Call:
    """Give the call for a whole record."""

    async def find() -> None:
        if await population.find_citizen(CLAIM, CONTEXT) is None:
            raise RuntimeError("the adapter did not find the person")

    return find


def verify_call(population: PopulationDatabase) -> Call:
    """Give the call for a yes."""

    async def verify() -> None:
        if await population.verify(CLAIM, CONTEXT) is None:
            raise RuntimeError("the adapter did not confirm the person")

    return verify


async def compare_rates(url: str, out: TextIO) -> None:
    """Write the calls per second of each way and their ratio to httpx alone; the best of the rounds."""
    body = b"x" * 1200
    limits = httpx.Limits(max_connections=CALLERS)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        plain = await enter(httpx.AsyncClient(limits=limits, trust_env=False))
        session = await enter(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CALLERS)))
        over = await enter(
            httpx.AsyncClient(transport=AiohttpTransport(limits=limits, trust_env=False), trust_env=False)
        )
        population = await enter(population_at(url))
        ways = {
            "httpx alone": httpx_call(plain, url, body),
            "httpx over aiohttp": httpx_call(over, url, body),
            "aiohttp alone": aiohttp_call(session, url, body),
            "adapter, verify": verify_call(population),
            "adapter, find_citizen": find_call(population),
        }
        best = dict.fromkeys(ways, 0.0)
        # In turns, so that a busy moment of the machine does not fall on one way alone.
        for _ in range(ROUNDS):
            for name, call in ways.items():
                load = await in_flight(call, callers=CALLERS, seconds=ROUND_SECONDS)
                best[name] = max(best[name], load.per_second)
    for name, rate in best.items():
        out.write(f"{name}: {rate:.0f}/s, {rate / best['httpx alone']:.1f} times httpx alone\n")


async def write_own_shares(name: str, call: Call, out: TextIO) -> None:
    """Write what is left of the calls' time without the register's, by load; one second warms up."""

    def line(kind: str, load: Load) -> None:
        out.write(f"{name}, {kind}: {load.own_shares(delay_ms=DELAY_MS)}\n")

    await in_flight(call, callers=CALLERS, seconds=1.0)
    full = await in_flight(call, callers=CALLERS, seconds=LOAD_SECONDS)
    line(f"{CALLERS} in flight", full)
    for share in SHARES:
        rate = share * full.per_second
        line(f"paced at {share:.0%} of that", await paced(call, per_second=rate, seconds=LOAD_SECONDS))


async def measure(upstream: str, service: Server, out: TextIO) -> None:
    """Measure everything in turn."""
    await compare_rates(f"{upstream}/0", out)
    async with population_at(f"{upstream}/{DELAY_MS}") as population:
        await write_own_shares("adapter", find_call(population), out)
    async with verification(service.address) as verify:
        await write_own_shares("service", verify, out)


def main() -> None:
    """Start what is needed and measure; the log, a part of the cost, is written to nowhere."""
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,  # noqa: PTH123 - a device, not a path
        running_upstream() as upstream,
        running_service(f"{upstream}/{DELAY_MS}") as service,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        configure_logs(stream=nowhere)
        spare_the_collector()
        runner.run(measure(upstream, service, sys.stdout))


if __name__ == "__main__":
    main()
