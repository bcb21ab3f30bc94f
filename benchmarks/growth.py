"""Whether the memory of a process grows, from samples of it over some time."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
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
    them; None if that leaves none. So is each process' largest rise from one minute to the next: a burst
    leaves one behind in the allocator's arenas, and only what goes on after it is growth.
    """
    series: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        series[sample.process].append(sample)
    above = below = 0.0
    for each in series.values():
        warm = [sample for sample in each if sample.minute >= each[0].minute + warm_minutes]
        if not warm or warm[-1].minute - warm[0].minute < least_minutes:
            continue
        levels = _without_largest_rise(by_minute(warm))
        middle = (len(levels) - 1) / 2
        above += sum((minute - middle) * level for minute, level in enumerate(levels))
        below += sum((minute - middle) ** 2 for minute in range(len(levels)))
    return above / below if below else None


def by_minute(samples: list[Sample]) -> list[float]:
    """Return the median of each minute that has samples."""
    minutes: dict[int, list[float]] = defaultdict(list)
    for sample in samples:
        minutes[int(sample.minute)].append(sample.megabytes)
    return [median(minutes[minute]) for minute in sorted(minutes)]


def _without_largest_rise(levels: list[float]) -> list[float]:
    rises = [later - earlier for earlier, later in pairwise(levels)]
    largest = max((0.0, *rises))
    after = rises.index(largest) + 1 if largest else len(levels)
    return [*levels[:after], *(level - largest for level in levels[after:])]
