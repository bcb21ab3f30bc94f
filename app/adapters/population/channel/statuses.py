"""What the HTTP status of an answer means."""

import re
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Final

from app.adapters.population.channel.failures import CallFailedError, Effect
from app.adapters.population.channel.transport import Reply
from app.errors import PopulationDatabaseError, PopulationDatabaseUnavailableError

OK: Final = 200
UNAUTHORIZED: Final = 401

_CREDENTIALS_REFUSED: Final = frozenset({UNAUTHORIZED, 403})
_LEFT_ALONE: Final = frozenset({429, 503})
_SERVER_FAILS: Final = 500

_LONGEST_PAUSE_SECONDS: Final = 86_400
_SECONDS: Final = re.compile(r"[0-9]{1,10}")


class Statuses:
    """Tells failures by their status. `pause_seconds` is named where the register names no time itself."""

    def __init__(self, *, pause_seconds: float, wall_clock: Callable[[], float]) -> None:
        self._pause_seconds = pause_seconds
        self._wall_clock = wall_clock

    def refuse(self, reply: Reply, *, also_credentials: frozenset[int] = frozenset()) -> None:
        """Return if the status is 200; `also_credentials` refuse our credentials beside 401 and 403.

        Raises:
            CallFailedError: it is another.
        """
        status = reply.status
        effect = Effect.FAILED if status >= _SERVER_FAILS else Effect.NEITHER
        if status == OK:
            return
        if status in _CREDENTIALS_REFUSED or status in also_credentials:
            raise CallFailedError(effect=effect, status=status, is_alert=True)
        if status in _LEFT_ALONE:
            raise CallFailedError(
                PopulationDatabaseUnavailableError,
                effect=effect,
                status=status,
                retry_after_seconds=self._retry_after(reply.retry_after),
            )
        raise CallFailedError(PopulationDatabaseError, effect=effect, status=status)

    def _retry_after(self, sent: str) -> int:
        """Read a number of seconds or a date; between one second and a day."""
        seconds = self._pause_seconds
        if _SECONDS.fullmatch(sent):
            seconds = float(sent)
        elif sent:
            try:
                moment = parsedate_to_datetime(sent)
            except (ValueError, OverflowError):
                # No date, or one that is in no calendar.
                pass
            else:
                seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
                seconds -= self._wall_clock()
        return min(max(ceil(seconds), 1), _LONGEST_PAUSE_SECONDS)
