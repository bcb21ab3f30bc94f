"""Load on a call: a number in flight all the time, or a number of calls each second; and what it came to."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Load:
    """Calls that ended: their durations in seconds, in order, and how many there were each second."""

    durations: list[float] = field(repr=False)
    per_second: float

    def own_ms(self, percent: int, *, delay_ms: float) -> float:
        """Return a percentile of the durations, in ms, without the upstream's delay."""
        rank = min(len(self.durations) * percent // 100, len(self.durations) - 1)
        return self.durations[rank] * 1000 - delay_ms

    def own_shares(self, *, delay_ms: float) -> str:
        """Write the rate and the usual percentiles."""
        shares = (f"p{percent} {self.own_ms(percent, delay_ms=delay_ms):.1f}" for percent in (50, 95, 99))
        return f"{self.per_second:.0f}/s, own share in ms: {', '.join(shares)}"


async def in_flight(call: Call, *, callers: int, seconds: float) -> Load:
    """Let callers call over and over."""
    durations: list[float] = []
    begin = time.perf_counter()

    async def caller() -> None:
        while (began := time.perf_counter()) < begin + seconds:
            await call()
            durations.append(time.perf_counter() - began)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return Load(sorted(durations), len(durations) / (time.perf_counter() - begin))


async def paced(call: Call, *, per_second: float, seconds: float) -> Load:
    """Call at even distances whether the earlier calls have ended or not.

    A call's time begins when it was due: that the loop was too busy to begin it is part of what it took.
    """
    durations: list[float] = []
    begin = time.perf_counter()

    async def timed(due: float) -> None:
        await call()
        durations.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as calls:
        for number in range(int(per_second * seconds)):
            due = begin + number / per_second
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            calls.create_task(timed(due))
    return Load(sorted(durations), len(durations) / (time.perf_counter() - begin))
