"""Group commit: one task per process takes all waiting audit records, commits them once, wakes the waiters.

A commit costs milliseconds whether it carries one record or five hundred. What was accepted is tried until it
is durable or its time is up, also when nobody waits for it any more, so after an AuditUnavailableError the
record may still land: an INTENT of which nothing came is closed by the sweep, and an OUTCOME may say that an
answer was given which in fact was withheld. A record too many does no harm; one too few would.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from app.alerts import Alert, Alerts
from app.db import audit
from app.db.audit import Appended, NewRecord
from app.db.engine import Database
from app.domain.audit_event import AuditKind
from app.domain.lookup_budget import Limits, Refusal, Standing
from app.errors import AuditUnavailableError, LookupBudgetExceededError

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS: Final = 2
_BATCH_LIMIT: Final = 500
_FIRST_PAUSE_SECONDS: Final = 0.05
_LONGEST_PAUSE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a durable record stands; `tree_size` is a size of the log that holds it, with `root`.

    `budgets` are those that it was counted against, the tightest of each measure.
    """

    sequence: int
    tree_size: int
    root: bytes = field(repr=False)
    budgets: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A record on its way; in the end `place` says what refused it, or is None if it is not durable."""

    record: NewRecord
    place: "asyncio.Future[Position | Refusal | None]" = field(repr=False)

    @property
    def is_moot(self) -> bool:
        """Whether it is an INTENT whose caller gave up before it was tried: nothing was or will be asked."""
        return self.place.done() and self.record.kind is AuditKind.INTENT

    def settle(self, place: Position | Refusal | None) -> None:
        # Whoever waited may have been cancelled in the meantime.
        if not self.place.done():
            self.place.set_result(place)


class AuditWriter:
    """The one writer of a process. `queue_limit` bounds the waiting records, `timeout_seconds` their wait.

    A record that ends a lookup is taken beyond the limit: the register has been asked already, and there is
    at most one for each INTENT that was let in. With `limits` records are counted against budgets.
    """

    def __init__(
        self,
        database: Database,
        *,
        queue_limit: int,
        timeout_seconds: float,
        limits: Limits | None,
        alerts: Alerts,
    ) -> None:
        self._alerts = alerts
        self._database = database
        self._limits = limits
        self._queue_limit = queue_limit
        self._timeout_seconds = timeout_seconds
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether records are taken and written."""
        return self._task is not None and not self._task.done() and not self._is_stopping

    @property
    def queue_length(self) -> int:
        """How many records wait for their turn."""
        return len(self._queue)

    def start(self) -> None:
        """Begin to write."""
        self._is_stopping = False
        self._task = asyncio.create_task(self._run(), name="audit-writer")

    async def stop(self) -> None:
        """Take no more records, write those that wait for at most `timeout_seconds`, and end."""
        self._is_stopping = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=self._timeout_seconds)
            self._task.cancel()
            await asyncio.wait({self._task})

    async def append(self, record: NewRecord) -> Position:
        """Append a record; it is durable when this returns.

        Raises:
            AuditUnavailableError: the queue is full, time is up, or the record's lookup is closed already.
            LookupBudgetExceededError: a budget does not allow the lookup; nothing was appended.
        """
        is_full = len(self._queue) >= self._queue_limit and record.closes is None
        if is_full or not self.is_running:
            raise AuditUnavailableError(retry_after_seconds=RETRY_AFTER_SECONDS)
        loop = asyncio.get_running_loop()
        waiting = _Waiting(record, loop.create_future())
        self._queue.append(waiting)
        self._wake.set()
        # `asyncio.timeout` would do the same for seven times the price, twice a lookup.
        expiry = loop.call_later(self._timeout_seconds, waiting.settle, None)
        try:
            place = await waiting.place
        finally:
            expiry.cancel()
        if place is None:
            raise AuditUnavailableError(retry_after_seconds=RETRY_AFTER_SECONDS)
        if isinstance(place, Refusal):
            raise LookupBudgetExceededError(
                place.measure, place.holder, retry_after_seconds=place.retry_after_seconds
            )
        return place

    async def _run(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._queue or not self._is_stopping:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    batch = self._next_batch()
                    if batch:
                        await self._write(batch)
                        # Its callers hear of it in the next turn: below it must not be given up.
                        batch = []
        finally:
            for waiting in (*batch, *self._queue):
                waiting.settle(None)
            self._queue.clear()

    def _next_batch(self) -> list[_Waiting]:
        taken = [self._queue.popleft() for _ in range(min(len(self._queue), _BATCH_LIMIT))]
        return [waiting for waiting in taken if not waiting.is_moot]

    async def _write(self, batch: list[_Waiting]) -> None:
        """Append a batch, trying again while there is time, and have its waiters woken in the next turn."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout_seconds
        records = [waiting.record for waiting in batch]
        appended, pause, again = None, _FIRST_PAUSE_SECONDS, False
        while appended is None:
            try:
                appended = await self._try(records, again=again)
            except Exception as failure:  # noqa: BLE001 - the writer must outlive whatever goes wrong
                # Only the kind: a driver's message can hold values.
                log.warning("audit-append-failed", failure=type(failure).__name__, records=len(batch))
                if loop.time() + pause >= deadline:
                    self._alerts.tell(Alert.AUDIT_UNAVAILABLE, records=len(batch))
                    break
                await asyncio.sleep(pause)
                # The failed try may have been committed all the same.
                pause, again = min(2 * pause, _LONGEST_PAUSE_SECONDS), True
        # In the next turn: the batch after this one shall be on its way before all these callers go on.
        loop.call_soon(_settle, batch, tuple(_places(appended, len(batch))))

    async def _try(self, records: Sequence[NewRecord], *, again: bool) -> Appended:
        """Append in one transaction; one that hangs is given up, so that the next can have its turn.

        What it commits after all, as it held the head by then, is found by the next try.
        """
        given_up = threading.Event()
        work = partial(audit.append, records=records, again=again, limits=self._limits, given_up=given_up)
        try:
            async with asyncio.timeout(self._timeout_seconds / 2):
                return await self._database.append(work)
        finally:
            given_up.set()


def _settle(batch: Sequence[_Waiting], places: Sequence[Position | Refusal | None]) -> None:
    for waiting, place in zip(batch, places, strict=True):
        waiting.settle(place)


def _places(appended: Appended | None, count: int) -> Iterator[Position | Refusal | None]:
    """Say where each of so many records stands, or why it does not."""
    if appended is None:
        yield from (None,) * count
        return
    root = appended.tree.root
    for sequence, toll in zip(appended.sequences, appended.tolls, strict=True):
        if isinstance(toll, Refusal):
            yield toll
        elif sequence is None:
            yield None
        else:
            yield Position(sequence, appended.tree.size, root, toll or ())
