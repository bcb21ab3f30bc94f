"""An HTTP client that costs next to nothing, so that a load generator can offer more than a service can do.

It sends one prepared request over and over and reads of an answer what a benchmark counts.
"""

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK: Final = 200


@dataclass(slots=True)
class Tally:
    """What came of the requests; durations in seconds of those that were done."""

    statuses: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    durations: list[float] = field(default_factory=list, repr=False)
    refusal_durations: list[float] = field(default_factory=list, repr=False)
    unsent: int = 0

    def percentile_ms(self, percent: int, durations: list[float]) -> float:
        """Return a percentile of some durations in milliseconds; 0 of none."""
        ordered = sorted(durations)
        return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] * 1000 if ordered else 0.0


class _Line(asyncio.Protocol):
    """One connection, with one request on it at a time."""

    def __init__(self, ended: Callable[["_Line", int, bytes, float], None]) -> None:
        self._ended = ended
        self._heard = b""
        self._began = 0.0
        self.is_busy = False
        self.is_open = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as asyncio's own
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.is_open = False
        if self.is_busy:
            self.is_busy = False
            self._ended(self, 0, b"", time.perf_counter() - self._began)

    def ask(self, request: bytes) -> None:
        self.is_busy, self._began = True, time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, mark, body = self._heard.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not mark or length is None or len(body) < int(length.group(1)):
            return
        self._heard, self.is_busy = b"", False
        self._ended(self, int(head[9:12]), head, time.perf_counter() - self._began)

    def close(self) -> None:
        self._transport.close()


class LeanClient:
    """Connections to one address. Use `in_flight` or `offered`, one at a time."""

    def __init__(self, host: str, port: int, request: bytes, *, most_lines: int) -> None:
        self._host, self._port, self._request, self._most_lines = host, port, request, most_lines
        self._lines: list[_Line] = []
        self._idle: deque[_Line] = deque()
        self._opening = 0
        self._tally = Tally()
        self._goes_on = False

    async def in_flight(self, *, callers: int, seconds: float) -> Tally:
        """Let so many call over and over, for so long."""
        self._tally, self._goes_on = Tally(), True
        while len(self._lines) < callers:
            await self._open()
        for line in list(self._idle)[:callers]:
            self._idle.remove(line)
            line.ask(self._request)
        await asyncio.sleep(seconds)
        self._goes_on = False
        await self._settle()
        return self._tally

    async def offered(self, *, per_second: float, seconds: float) -> Tally:
        """Send so many each second, whether earlier ones were answered or not."""
        self._tally, self._goes_on = Tally(), False
        began, sent = time.perf_counter(), 0
        while (elapsed := time.perf_counter() - began) < seconds:
            due = int(per_second * elapsed)
            while sent < due:
                sent += 1
                self._send_on_an_idle_line()
            await asyncio.sleep(0.002)
        await self._settle()
        return self._tally

    def close(self) -> None:
        """Close all connections."""
        for line in self._lines:
            line.close()

    def _send_on_an_idle_line(self) -> None:
        while self._idle:
            line = self._idle.popleft()
            if line.is_open:
                line.ask(self._request)
                return
        self._tally.unsent += 1
        if len(self._lines) + self._opening < self._most_lines:
            self._opening += 1
            asyncio.get_running_loop().create_task(self._open(is_counted=True))

    async def _open(self, *, is_counted: bool = False) -> None:
        try:
            _, line = await asyncio.get_running_loop().create_connection(
                lambda: _Line(self._ended), self._host, self._port
            )
            self._lines.append(line)
            self._idle.append(line)
        finally:
            self._opening -= is_counted

    async def _settle(self) -> None:
        """Wait until everything sent was answered."""
        while any(line.is_busy for line in self._lines):  # noqa: ASYNC110 - the last answer is no event
            await asyncio.sleep(0.01)

    def _ended(self, line: _Line, status: int, head: bytes, seconds: float) -> None:
        tally = self._tally
        tally.statuses[status] += 1
        if status == _OK:
            tally.durations.append(seconds)
        elif status:
            tally.refusal_durations.append(seconds)
            tally.without_retry_after += b"\r\nretry-after:" not in head.lower()
        if not line.is_open:
            self._lines.remove(line)
        elif self._goes_on:
            line.ask(self._request)
        else:
            self._idle.append(line)
