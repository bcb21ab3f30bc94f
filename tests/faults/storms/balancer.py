"""Sends requests to services that say at `/health/ready` that they are, and asks them all the time."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import aiohttp

from tests.faults.storms.apart import calling_service
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import Callers
from tests.faults.storms.world import World
from tests.processes import Service

_LOOK_SECONDS: Final = 0.1
# One that is gone refuses at once; one that is slow to say so is not taken out for it.
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


class Balancer:
    """Knows who is ready."""

    def __init__(self, dice: random.Random) -> None:
        self._ready: dict[str, Callers] = {}
        self._dice = dice

    async def one(self) -> str:
        """Make one request of any kind to one of those that are ready."""
        assert self._ready, "nobody is ready"
        return await self._dice.choice(list(self._ready.values())).one()

    async def until_ready(self, service: Service) -> None:
        """Wait until requests go to a service."""
        async with asyncio.timeout(60):
            while service.base_url not in self._ready:  # noqa: ASYNC110 - another process'
                await asyncio.sleep(_LOOK_SECONDS / 2)

    @asynccontextmanager
    async def serving(self, world: World, service: Service, ledger: Ledger) -> AsyncIterator[None]:
        """Send requests to a service whenever it is ready, for as long as the block lasts."""
        async with (
            calling_service(world, service, ledger) as callers,
            aiohttp.ClientSession(service.base_url, trust_env=False) as session,
        ):
            looking = asyncio.create_task(self._look(session, service, callers))
            try:
                yield
            finally:
                looking.cancel()
                self._ready.pop(service.base_url, None)

    async def _look(self, session: aiohttp.ClientSession, service: Service, callers: Callers) -> None:
        while True:
            is_ready = False
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with session.get("/health/ready", timeout=_TIMEOUT) as answer:
                    is_ready = answer.status == 200
            if is_ready:
                self._ready[service.base_url] = callers
            else:
                self._ready.pop(service.base_url, None)
            await asyncio.sleep(_LOOK_SECONDS)
