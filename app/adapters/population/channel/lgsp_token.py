"""The LGSP's access token: fetched by one for all, renewed shortly before it ends, while it still serves."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import BaseModel, Field, SecretStr, ValidationError

from app.adapters.population.channel.failures import CallFailedError
from app.adapters.population.channel.statuses import Statuses
from app.adapters.population.channel.transport import Transport
from app.errors import PopulationDatabaseTimeoutError

_FORM: Final = b"grant_type=client_credentials"
# RFC 6749 5.2: an unknown client may be told so with 400.
_BAD_REQUEST: Final = frozenset({400})

_LIFETIME_UNLESS_TOLD_SECONDS: Final = 300.0
_LONGEST_LIFETIME_SECONDS: Final = 86_400.0
_LONGEST_MARGIN_SECONDS: Final = 30.0
_MARGIN_SHARE: Final = 0.1
_NEXT_TRY_SECONDS: Final = 5.0


class _TokenAnswer(BaseModel):
    access_token: Annotated[str, Field(pattern=r"^[!-~]{1,6000}$")]
    expires_in: Annotated[float | None, Field(allow_inf_nan=False)] = None

    @property
    def lifetime_seconds(self) -> float:
        """How long the token is taken for good: a day at most, and as if untold where it would be over."""
        if self.expires_in is None or self.expires_in <= 0:
            return _LIFETIME_UNLESS_TOLD_SECONDS
        return min(self.expires_in, _LONGEST_LIFETIME_SECONDS)


@dataclass(frozen=True, slots=True)
class FetchedToken:
    """A token and how many seconds it is good for, counted from when it was asked for."""

    value: str = field(repr=False)
    lifetime_seconds: float


class LgspTokenEndpoint:
    """Where tokens come from: OAuth 2.0 client credentials, with the client's as HTTP Basic."""

    def __init__(
        self,
        transport: Transport,
        statuses: Statuses,
        *,
        url: str,
        client_id: str,
        client_secret: SecretStr,
        fixed_headers: Mapping[str, str],
    ) -> None:
        self._transport = transport
        self._statuses = statuses
        self._url = url
        credentials = b64encode(f"{client_id}:{client_secret.get_secret_value()}".encode()).decode()
        self._headers = {
            **fixed_headers,
            "Authorization": f"Basic {credentials}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }

    async def fetch(self) -> FetchedToken:
        """Ask for a token.

        Raises:
            CallFailedError: none came.
        """
        reply = await self._transport.post(self._url, headers=self._headers, body=_FORM)
        self._statuses.refuse(reply, also_credentials=_BAD_REQUEST)
        try:
            answer = _TokenAnswer.model_validate_json(reply.body)
        except ValidationError:
            # Its text quotes what was sent, so it is not kept as the cause.
            raise CallFailedError(status=reply.status) from None
        return FetchedToken(answer.access_token, answer.lifetime_seconds)


class LgspTokens:
    """The token in use. Whoever needs a new one while it is being fetched waits for that same one."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[FetchedToken]],
        *,
        timeout_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        """Create it without a token; `clock` tells seconds and never goes back."""
        self._fetch = fetch
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._token: str | None = None
        self._renewed_from = 0.0
        self._ends = 0.0
        self._fetching: asyncio.Task[str | CallFailedError] | None = None

    async def current(self) -> str:
        """Return a token that has not ended; shortly before it does, nobody waits for the next one.

        Raises:
            CallFailedError: none could be had.
        """
        now = self._clock()
        if self._token is not None and now < self._renewed_from:
            return self._token
        begins_it = self._fetching is None
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._renew(), name="lgsp-token")
        if self._token is not None and now < self._ends:
            return self._token
        # A caller who is cancelled, or out of time, leaves the others their fetch.
        outcome = await asyncio.shield(self._fetching)
        if isinstance(outcome, CallFailedError):
            # One fetch is one sign of how the register is, however many have waited for it; but those who
            # waited all of a time-out must not be followed by others for long.
            raise outcome.for_one_caller(counts=begins_it or outcome.has_timed_out) from outcome
        return outcome

    async def renewed(self, refused: str) -> str:
        """Return another token than the refused one, fetching it unless somebody else has already.

        Raises:
            CallFailedError: none could be had.
        """
        if self._token == refused:
            self._token = None
        return await self.current()

    async def close(self) -> None:
        """End a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetching

    async def _renew(self) -> str | CallFailedError:
        asked_at = self._clock()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                fetched = await self._fetch()
        except TimeoutError:
            return self._failed(CallFailedError(PopulationDatabaseTimeoutError))
        except CallFailedError as failed:
            return self._failed(failed)
        finally:
            self._fetching = None
        margin = min(_LONGEST_MARGIN_SECONDS, fetched.lifetime_seconds * _MARGIN_SHARE)
        self._token, self._ends = fetched.value, asked_at + fetched.lifetime_seconds
        self._renewed_from = self._ends - margin
        return fetched.value

    def _failed(self, failed: CallFailedError) -> CallFailedError:
        # As long as the old token serves, not every call needs to try for another.
        self._renewed_from = min(self._clock() + _NEXT_TRY_SECONDS, self._ends)
        return failed
