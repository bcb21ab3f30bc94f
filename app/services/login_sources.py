"""Slows down who tries passwords on many accounts: bad log-ins are counted by where they come from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from app.alerts import Alert, Alerts
from app.clock import Clock
from app.db import login_sources as rows
from app.db.engine import Database
from app.domain.oauth import OAuthError, OAuthErrorCode
from app.errors import ServiceUnavailableError, TooManyLoginsError
from app.pauses import pause

# Refusals that a guess can end with; a mistake in the request is none.
_GUESSES: Final = frozenset({OAuthErrorCode.INVALID_GRANT, OAuthErrorCode.INVALID_CLIENT})
_IPV6_PREFIX: Final = 64
_SWEEP_SECONDS: Final = 60.0


class LoginSources:
    """Counts over all workers; the count of an address begins anew when its time is over."""

    def __init__(
        self,
        database: Database,
        *,
        limit: int,
        window_seconds: int,
        alerts: Alerts,
        clock: Clock,
    ) -> None:
        self._alerts = alerts
        self._database = database
        self._limit = limit
        self._window = timedelta(seconds=window_seconds)
        self._clock = clock

    @asynccontextmanager
    async def guarded(self, source_address: str) -> AsyncIterator[None]:
        """Let one log-in be tried, and count it if it is refused.

        The count is asked again when the try has ended: of many that were begun at once, none beyond the
        limit is told whether the password was right.

        Raises:
            TooManyLoginsError: too many were refused.
            ServiceUnavailableError: the database cannot be asked.
        """
        source = _source_of(source_address)
        await self._refuse_beyond_limit(source)
        try:
            yield
        except OAuthError as refusal:
            if refusal.code in _GUESSES:
                await self._count(source)
            raise
        await self._refuse_beyond_limit(source)

    async def forget(self) -> None:
        """Forget counts whose time is over.

        Raises:
            ServiceUnavailableError: the database cannot be asked.
        """
        async with self._database.write() as session:
            await rows.forget(session, before=self._clock() - 2 * self._window)

    async def run_forgetting(self, *, stopping: asyncio.Event) -> None:
        """Forget every minute until `stopping`."""
        while not stopping.is_set():
            with suppress(ServiceUnavailableError):
                await self.forget()
            await pause(_SWEEP_SECONDS, stopping=stopping)

    async def _refuse_beyond_limit(self, source: str) -> None:
        async with self._database.read() as session:
            found = await rows.failures(session, source, after=self._clock() - self._window)
        if found is not None and found.failed >= self._limit:
            raise self._refusal(found)

    async def _count(self, source: str) -> None:
        now = self._clock()
        async with self._database.write() as session:
            counted = await rows.count_failure(session, source, now=now, after=now - self._window)
        if counted.failed == self._limit:
            self._alerts.tell(Alert.LOGIN_SOURCE_STOPPED, about=source)
        if counted.failed > self._limit:
            raise self._refusal(counted)

    def _refusal(self, found: rows.Failures) -> TooManyLoginsError:
        rest = found.since + self._window - self._clock()
        return TooManyLoginsError(retry_after_seconds=max(1, int(rest.total_seconds()) + 1))


def _source_of(address: str) -> str:
    """Take the network of an IPv6 address: whoever has one address there has all of them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(ip_network((int(parsed), _IPV6_PREFIX), strict=False))
