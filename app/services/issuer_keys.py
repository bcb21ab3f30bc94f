"""Knows the public keys of an OpenID Connect issuer, as they were a minute ago."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.clock import Clock
from app.domain.issuer_keys import IssuerKeySource, IssuerUnreachableError
from app.errors import ServiceUnavailableError
from app.pauses import pause
from app.verifying_keys import VerifyingKey, usable_keys

log = structlog.get_logger(__name__)

# A key that the issuer has taken back is out after this time, if the issuer can be reached.
_REFRESH_SECONDS: Final = 60.0
# Made-up key ids make us ask the issuer this often, not more.
_PAUSE: Final = timedelta(seconds=5)
# Of an issuer that cannot be reached we go on to believe what it said last; but not for ever.
_BELIEVED: Final = timedelta(hours=12)


class IssuerKeys:
    """The keys by their ids; `run` beside the service keeps them fresh, so that no request waits for it."""

    def __init__(self, source: IssuerKeySource, *, algorithms: Collection[str], clock: Clock) -> None:
        self._source = source
        self._algorithms = algorithms
        self._clock = clock
        self._keys: Mapping[str, VerifyingKey] = {}
        # Ids that the issuer had and has no more: of these we can tell without asking.
        self._withdrawn: frozenset[str] = frozenset()
        self._known_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._is_reachable = True
        self._flight: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> VerifyingKey | None:
        """Return the issuer's key of that id; None if the issuer has no such key.

        Raises:
            ServiceUnavailableError: nobody can tell now, because the issuer cannot be asked, or was asked a
                moment ago.
        """
        key = self._keys.get(key_id)
        is_decided = key is not None or key_id in self._withdrawn
        if not is_decided or not self._is_within(self._known_at, _BELIEVED):
            await self._ask_for_unknown()
            key = self._keys.get(key_id)
        return key

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Fetch the keys at once and every minute, until `stopping`."""
        while not stopping.is_set():
            await self.refresh()
            await pause(_REFRESH_SECONDS, stopping=stopping)

    async def refresh(self) -> None:
        """Fetch the keys; whoever asks while they are being fetched waits for the same answer."""
        if self._flight is None:
            self._flight = asyncio.create_task(self._fetch(), name="issuer-keys-fetch")
        # A caller that goes away does not end what others wait for.
        await asyncio.shield(self._flight)

    async def _ask_for_unknown(self) -> None:
        if self._flight is None and self._is_within(self._asked_at, _PAUSE):
            # A key may have been published since. A refusal would send an honest officer to log in again.
            raise ServiceUnavailableError(retry_after_seconds=int(_PAUSE.total_seconds()))
        await self.refresh()
        if not self._is_reachable:
            raise ServiceUnavailableError(retry_after_seconds=int(_PAUSE.total_seconds()))

    async def _fetch(self) -> None:
        self._asked_at = self._clock()
        try:
            published = await self._source.fetch()
        except IssuerUnreachableError as failure:
            self._is_reachable = False
            log.warning("issuer-unreachable", reason=str(failure))
        else:
            keys = usable_keys(published, algorithms=self._algorithms)
            self._withdrawn = self._withdrawn.union(self._keys) - keys.keys()
            self._keys = keys
            self._known_at = self._asked_at
            self._is_reachable = True
        finally:
            self._flight = None

    def _is_within(self, moment: datetime | None, span: timedelta) -> bool:
        # After a clock was set back, nothing is known to be young.
        return moment is not None and timedelta(0) <= self._clock() - moment < span
