"""Keeps values that were read for a short time, so that not every request asks the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.clock import Clock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(slots=True)
class _Turn:
    """A load under way: who waits for it, and how it failed, if it did."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    failure: Exception | None = None


class TimedCache(Generic[Key, Value]):
    """Values by key, each loaded when asked for and good for `lifetime`; at most `limit` of them.

    A value is loaded by one at a time; the others who ask for it wait for that load and share what comes of
    it. A load that fails is not remembered: the next who asks tries again.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        *,
        lifetime: timedelta,
        limit: int,
        clock: Clock,
    ) -> None:
        self._load = load
        self._lifetime = lifetime
        self._limit = limit
        self._clock = clock
        self._kept: dict[Key, tuple[datetime, Value]] = {}
        self._forgettings = 0
        self._loading: dict[Key, _Turn] = {}

    async def get(self, key: Key) -> Value:
        """Return the value, loading it if there is none or it has become too old."""
        kept = self._fresh(key)
        if kept is None:
            async with self._turn(key) as turn:
                kept = self._fresh(key) or await self._reload_once(key, turn)
        return kept[1]

    def forget(self) -> None:
        """Load everything anew when it is next asked for; what is being loaded now is not kept."""
        self._kept.clear()
        self._forgettings += 1

    async def _reload_once(self, key: Key, turn: _Turn) -> tuple[datetime, Value]:
        if turn.failure is not None:
            # Were each who waited to try for himself, the last of 200 would wait 200 times for a database
            # that hangs. The traceback is the first one's, and would grow with each who raises it.
            raise turn.failure.with_traceback(None)
        try:
            return await self._reload(key)
        except Exception as failure:
            turn.failure = failure
            # Only who waited already shares it: under load there is always somebody in the turn.
            self._end_turn(key, turn)
            raise

    async def _reload(self, key: Key) -> tuple[datetime, Value]:
        # The age counts from before the load: what changed while it ran may not be in it.
        asked_at, forgettings = self._clock(), self._forgettings
        kept = (asked_at, await self._load(key))
        if forgettings != self._forgettings:
            return kept
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
    async def _turn(self, key: Key) -> AsyncIterator[_Turn]:
        """Wait until nobody else loads this key; who is cancelled leaves the turn to the next."""
        turn = self._loading.setdefault(key, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield turn
        finally:
            turn.users -= 1
            if not turn.users:
                self._end_turn(key, turn)

    def _end_turn(self, key: Key, turn: _Turn) -> None:
        """Let the next who asks begin another turn."""
        if self._loading.get(key) is turn:
            del self._loading[key]
