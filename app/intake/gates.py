"""How much work one process takes in, and what waits or is refused beyond it. Knows requests by their path.

A place is held from when a request is whole until it is answered, so nothing that was let in is refused for
want of room later: a lookup that has its INTENT already had its place before.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Literal

import structlog

from app.errors import DomainError

GateName = Literal["lookups", "log-ins", "requests"]

LOOKUP_PATHS: Final = frozenset({"/verify/id-card", "/verify/household-head", "/citizens/share"})
PASSWORD_PATHS: Final = frozenset({"/auth/token", "/me/password", "/me/second-factor"})
"""Where anybody may have passwords compared, which costs more than all else; administrators set few."""

_NEVER_REFUSED: Final = ("/health/", "/metrics")
# A queue that did not empty for so long is no burst: there is more to do than can be done.
_BURST_SECONDS: Final = 1.0
_CALM_SECONDS: Final = 1.0
_LONGEST_RETRY_AFTER_SECONDS: Final = 5
_TOLD_EVERY_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


def path_as_sent(target: bytes) -> str | None:
    """Give the path that a request's target says as it is; None where it says it in another way.

    An escape, a fragment, or a host before the path have to be read first, which the server does when it
    makes the request.
    """
    path = target.partition(b"?")[0]
    is_plain = path.startswith(b"/") and b"%" not in path and b"#" not in path
    return path.decode("latin-1") if is_plain else None


class Gate:
    """Places for requests, given in the order of arrival; only so many wait for one, and only so long.

    A burst may fill the whole waiting room. Once the queue has not been empty for a second, only half as many
    as there are places may wait, until nobody has been refused for a second: more of them would wait longer,
    and none be answered sooner.
    """

    def __init__(
        self,
        *,
        places: int,
        most_waiting: int,
        wait_seconds: float,
        refusal: type[DomainError],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.refusal = refusal
        self._places = places
        self._free = places
        self._most_waiting = most_waiting
        self._wait_seconds = wait_seconds
        self._monotonic = monotonic
        self._inside = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._queued_since = 0.0
        self._overloaded_until = float("-inf")

    @property
    def inside(self) -> int:
        """How many whole requests were let in and are not answered, those that wait for a place included."""
        return self._inside

    @property
    def is_full(self) -> bool:
        """Whether there is neither a place nor room to wait for one."""
        if self._inside < self._places:
            return False
        now = self._monotonic()
        if self._queue and now - self._queued_since > _BURST_SECONDS:
            self._overloaded_until = now + _CALM_SECONDS
        is_overloaded = now < self._overloaded_until
        room = min(self._most_waiting, self._places // 2) if is_overloaded else self._most_waiting
        is_full = self._inside >= self._places + room
        # Group commits let many out at once, so that the queue is empty for a moment in any overload.
        if is_full and is_overloaded:
            self._overloaded_until = now + _CALM_SECONDS
        return is_full

    def enter(self) -> None:
        """Count a request in; whoever does that looks at `is_full` first, and lets it `leave`."""
        self._inside += 1

    def leave(self) -> None:
        """Count a request out."""
        self._inside -= 1

    async def take_place(self) -> None:
        """Take a place, after waiting for it if need be; to be given back with `give_place_back`.

        Raises:
            DomainError: the gate's refusal; there was none in time.
        """
        if self._free and not self._queue:
            self._free -= 1
            return
        if not self._queue:
            self._queued_since = self._monotonic()
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self._wait_seconds):
                await turn
        except BaseException as exc:
            if turn.done() and not turn.cancelled():
                # The place came at the moment at which this one gave up.
                self.give_place_back()
            else:
                with suppress(ValueError):
                    self._queue.remove(turn)
            if isinstance(exc, TimeoutError):
                raise self.refused() from exc
            raise

    def give_place_back(self) -> None:
        """Give the place to the one that has waited longest, or put it back."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def refused(self) -> DomainError:
        """Make the refusal; those refused together are asked to come back at different times."""
        return self.refusal(retry_after_seconds=self.retry_after_seconds())

    @staticmethod
    def retry_after_seconds() -> int:
        """Choose when one who is refused should come again."""
        return 1 + int(random.random() * _LONGEST_RETRY_AFTER_SECONDS)  # noqa: S311 - no secret


class Gates:
    """The gates of one process, and whether it is about to end.

    Lookups wait for the register, log-ins for the threads that hash, everything else for the database: none
    may take the others' places.
    """

    def __init__(self, *, lookups: Gate, log_ins: Gate, requests: Gate) -> None:
        self._gates: dict[GateName, Gate] = {"lookups": lookups, "log-ins": log_ins, "requests": requests}
        self._is_draining = False
        self._refused: dict[GateName, int] = {}
        self._told_at = float("-inf")
        self.on_refusal: Callable[[GateName], None] = lambda _: None

    @property
    def is_draining(self) -> bool:
        """Whether the process has been told to end, and no balancer should send it anything new."""
        return self._is_draining

    @property
    def is_any_full(self) -> bool:
        """Whether some request would be refused now."""
        return any(gate.is_full for gate in self._gates.values())

    def begin_draining(self) -> None:
        """Note that the process has been told to end."""
        self._is_draining = True

    def of(self, path: str) -> Gate | None:
        """Give the gate of a path; None for what is always answered."""
        if path in LOOKUP_PATHS:
            return self._gates["lookups"]
        if path in PASSWORD_PATHS:
            return self._gates["log-ins"]
        return None if path.startswith(_NEVER_REFUSED) else self._gates["requests"]

    def note_refusal(self, gate: Gate) -> None:
        """Count a refusal; the log is told of them once a second, or it would be what breaks."""
        name = next(name for name, known in self._gates.items() if known is gate)
        self.on_refusal(name)
        self._refused[name] = self._refused.get(name, 0) + 1
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = now
            log.warning("requests-refused-for-load", **self._refused)
            self._refused.clear()
