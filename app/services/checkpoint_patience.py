"""How long records of the audit log may wait for a signed and anchored checkpoint before lookups stop."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Literal

import structlog

from app.alerts import Alert, Alerts
from app.errors import AuditUnavailableError
from app.pauses import pause
from app.services.metrics import Metrics

log = structlog.get_logger(__name__)

_RETRY_AFTER_SECONDS: Final = 60
_LATE_SECONDS: Final = 60.0
_SECONDS_BETWEEN_WARNINGS: Final = 60.0
_PAUSE_SECONDS: Final = 1.0

State = Literal["current", "late", "refusing"]


class CheckpointPatience:
    """Hears how the checkpoints go; after `limit_seconds` without success it refuses lookups."""

    def __init__(
        self,
        *,
        limit_seconds: float,
        figures: Metrics,
        alerts: Alerts,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._alerts = alerts
        self._limit_seconds = limit_seconds
        self._figures = figures
        self._monotonic = monotonic
        self._succeeded_at = monotonic()
        self._warned_at: float | None = None
        self._waited_seconds = 0.0
        self._records = 0

    @property
    def late_seconds(self) -> float:
        """How long the log has not been covered whole, as far as this process or the log itself knows."""
        return max(self._monotonic() - self._succeeded_at, self._waited_seconds)

    @property
    def state(self) -> State:
        """Whether records are covered in time, late, or so late that lookups are refused."""
        if self.late_seconds > self._limit_seconds:
            return "refusing"
        return "late" if self._warned_at is not None or self.late_seconds > _LATE_SECONDS else "current"

    def refuse_if_over(self) -> None:
        """Refuse a lookup before its INTENT when records have waited too long.

        Raises:
            AuditUnavailableError: they have.
        """
        if self.state == "refusing":
            raise AuditUnavailableError(retry_after_seconds=_RETRY_AFTER_SECONDS)

    def succeeded(self) -> None:
        """Note that every record is covered, but for those of the last second or two."""
        if self._warned_at is not None:
            log.info("checkpoints-current-again")
        self._succeeded_at, self._warned_at, self._waited_seconds = self._monotonic(), None, 0.0
        self._records = 0
        self._figures.checkpoint_lags(seconds=0.0, records=0)

    def failed(self, reason: str, *, is_alert: bool, waited_seconds: float, records: int) -> None:
        """Note that a round failed, and warn now and then.

        `waited_seconds` is the age of the first record that no anchored checkpoint covers, `records` is how
        many there are; an alert is about a log that contradicts its checkpoints.
        """
        self._waited_seconds, self._records = waited_seconds, records
        self._figures.checkpoint_lags(seconds=self.late_seconds, records=records)
        if self._warned_at is None or self._monotonic() - self._warned_at >= _SECONDS_BETWEEN_WARNINGS:
            self._warned_at = self._monotonic()
            late = round(self.late_seconds)
            if is_alert:
                self._alerts.tell(Alert.CHECKPOINT_REFUSED, reason=reason, late_seconds=late)
            else:
                log.warning("checkpoint-failed", failure=reason, late_seconds=late, state=self.state)

    async def watch(self, *, stopping: asyncio.Event, pause_seconds: float = _PAUSE_SECONDS) -> None:
        """Let the figures tell every second how late it is: a round that hangs says nothing itself."""
        while not stopping.is_set():
            if self.late_seconds > _LATE_SECONDS:
                self._figures.checkpoint_lags(seconds=self.late_seconds, records=self._records)
            await pause(pause_seconds, stopping=stopping)
