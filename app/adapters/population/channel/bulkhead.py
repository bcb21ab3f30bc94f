"""Bounds how many calls are under way and how many wait, so that a slow register fills nothing."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.errors import PopulationDatabaseUnavailableError


class Bulkhead:
    """Places for calls, given in the order of arrival; only so many wait for one, and only so long."""

    def __init__(self, *, places: int, most_waiting: int, wait_seconds: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._most_waiting = most_waiting
        self._wait_seconds = wait_seconds
        self._waiting = 0

    def refuse_if_full(self) -> None:
        """Return if there is a place, or room to wait for one.

        Raises:
            PopulationDatabaseUnavailableError: neither.
        """
        if self._places.locked() and self._waiting >= self._most_waiting:
            raise self._refusal()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place, after waiting for it if need be.

        Raises:
            PopulationDatabaseUnavailableError: there was no room to wait, or no place in time.
        """
        self.refuse_if_full()
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _wait(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError as exc:
            raise self._refusal() from exc
        finally:
            self._waiting -= 1

    def _refusal(self) -> PopulationDatabaseUnavailableError:
        return PopulationDatabaseUnavailableError(retry_after_seconds=math.ceil(self._wait_seconds))
