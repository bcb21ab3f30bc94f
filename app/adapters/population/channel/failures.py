"""How a call to the register fails: the one translator of the libraries' exceptions.

Knows httpx and aiohttp; nothing that they raise leaves the channel, and none of their texts does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Final

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError

from app.errors import PopulationDatabaseError, PopulationDatabaseTimeoutError


class Effect(Enum):
    """What a call tells of the register's health."""

    ANSWERED = auto()
    """It works, whatever it said."""

    FAILED = auto()
    """It does not work: one more failure in a row."""

    NEITHER = auto()
    """Nothing is known, or it works and will not serve us."""


class CallFailedError(Exception):
    """A call failed: what callers are to be told, and what the channel makes of it. Stays in the channel."""

    def __init__(
        self,
        error: type[PopulationDatabaseError] = PopulationDatabaseError,
        *,
        effect: Effect = Effect.FAILED,
        status: int | None = None,
        retry_after_seconds: int | None = None,
        is_alert: bool = False,
        is_unsent: bool = False,
    ) -> None:
        """Create the failure.

        `status` is the HTTP status, if there was one; `is_alert` says that somebody must see to it, because
        our own credentials were refused; `is_unsent` that not a byte of the question can have left.
        """
        super().__init__(error.code)
        self._error = error
        self._retry_after_seconds = retry_after_seconds
        self.effect = effect
        self.status = status
        self.is_alert = is_alert
        self.is_unsent = is_unsent

    @property
    def has_timed_out(self) -> bool:
        """Whether there was no answer in time."""
        return issubclass(self._error, PopulationDatabaseTimeoutError)

    def for_one_caller(self, *, counts: bool) -> "CallFailedError":
        """Make the failure of one of several callers who share it; whether it `counts` as his call's too."""
        return CallFailedError(
            self._error,
            effect=self.effect if counts else Effect.NEITHER,
            status=self.status,
            retry_after_seconds=self._retry_after_seconds,
            is_alert=self.is_alert,
        )

    def as_error(self) -> PopulationDatabaseError:
        """Make the error that its caller is told."""
        return self._error(retry_after_seconds=self._retry_after_seconds)


_FOREIGN: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    aiohttp.ClientError,
    HttpProcessingError,
    OSError,  # what ssl raises, and TimeoutError, are of it
    EOFError,
)


@contextmanager
def translated_failures() -> Iterator[None]:
    """Turn whatever the transport raises into CallFailedError, cause chained."""
    try:
        yield
    except _FOREIGN as exc:
        raise _translated(exc) from exc


def _translated(exc: BaseException) -> CallFailedError:
    # The transport calls a lost connection a connect time-out, so what it was made from decides.
    is_wrapped = isinstance(exc, httpx.HTTPError) and isinstance(exc.__cause__, _FOREIGN)
    origin = exc.__cause__ if is_wrapped else exc
    match origin:
        case aiohttp.ClientConnectorCertificateError():
            # Nothing was sent either, but a certificate that is not trusted now will not be in a moment.
            return CallFailedError()
        case aiohttp.ClientConnectorError() | httpx.ConnectError():
            return CallFailedError(is_unsent=True)
        case TimeoutError() | httpx.TimeoutException():
            return CallFailedError(PopulationDatabaseTimeoutError)
        case _:
            return CallFailedError()
