"""Keeps values that were read for a short time, so that not every request asks the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class TimedCache(Generic[Key, Value]):
    """Values by key, each loaded when asked for and good for `lifetime`; at most `limit` of them.

    A value is loaded by one at a time; the others who ask for it wait for that load. A load that fails is
    not remembered: the next who asks tries again.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        *,
        lifetime: timedelta,
        limit: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._load = load
        self._lifetime = lifetime
        self._limit = limit
        self._clock = clock
        self._kept: dict[Key, tuple[datetime, Value]] = {}
        self._loading: dict[Key, tuple[asyncio.Lock, int]] = {}

    async def get(self, key: Key) -> Value:
        """Return the value, loading it if there is none or it has become too old."""
        kept = self._fresh(key)
        if kept is None:
            async with self._turn(key):
                kept = self._fresh(key)
                if kept is None:
                    kept = await self._reload(key)
        return kept[1]

    async def _reload(self, key: Key) -> tuple[datetime, Value]:
        # The age counts from before the load: what changed while it ran may not be in it.
        asked_at = self._clock()
        kept = (asked_at, await self._load(key))
        self._kept.pop(key, None)
        self._kept[key] = kept
        while len(self._kept) > self._limit:
            del self._kept[next(iter(self._kept))]
        return kept

    def _fresh(self, key: Key) -> tuple[datetime, Value] | None:
        kept = self._kept.get(key)
        # A clock that was set back must not make a value live longer, so a negative age is too old as well.
        if kept is None or not timedelta(0) <= self._clock() - kept[0] < self._lifetime:
            return None
        return kept

    @asynccontextmanager
    async def _turn(self, key: Key) -> AsyncIterator[None]:
        """Wait until nobody else loads this key; who is cancelled leaves the turn to the next."""
        lock, users = self._loading.get(key) or (asyncio.Lock(), 0)
        self._loading[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            users = self._loading[key][1] - 1
            if users:
                self._loading[key] = (lock, users)
            else:
                del self._loading[key]
