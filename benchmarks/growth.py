"""Whether the memory of a process grows, from samples of it over some time."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Final

WARM_MINUTES: Final = 5.0
"""How long a process fills its caches and its allocator's arenas; that is no growth."""

LEAST_MINUTES: Final = 5.0
"""How long a process must have been watched after that."""

MOST_GROWTH: Final = 0.5
"""Megabytes a minute, 30 in an hour; more is no noise."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory of a process at a minute of the run."""

    minute: float
    process: int
    megabytes: float


def growth_per_minute(
    samples: list[Sample], *, warm_minutes: float = WARM_MINUTES, least_minutes: float = LEAST_MINUTES
) -> float | None:
    """Return the slope in megabytes a minute that fits all processes best, each from a level of its own.

    The first minutes of each process are left out, and processes that were not watched long enough after
    them; None if that leaves none.
    """
    series: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        series[sample.process].append(sample)
    above = below = 0.0
    for each in series.values():
        warm = [sample for sample in each if sample.minute >= each[0].minute + warm_minutes]
        if not warm or warm[-1].minute - warm[0].minute < least_minutes:
            continue
        middle = sum(sample.minute for sample in warm) / len(warm)
        above += sum((sample.minute - middle) * sample.megabytes for sample in warm)
        below += sum((sample.minute - middle) ** 2 for sample in warm)
    return above / below if below else None


def by_minute(samples: list[Sample]) -> list[float]:
    """Return the median of each minute that has samples."""
    minutes: dict[int, list[float]] = defaultdict(list)
    for sample in samples:
        minutes[int(sample.minute)].append(sample.megabytes)
    return [median(minutes[minute]) for minute in sorted(minutes)]
