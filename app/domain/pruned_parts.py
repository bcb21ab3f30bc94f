"""Which content of the audit log may be missing, by what the log and the checkpoints outside it say.

A record that announces a pruning is a word of whoever wrote it, and the owner of the tables can write one. So
it is held against what he cannot change: the times in records that are still there, and when the checkpoints
that others keep were made.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final, NamedTuple

from app.domain.audit_record import instant
from app.domain.retention import Pruning

LATEST_ARRIVAL: Final = timedelta(hours=1)
"""After it no record of an earlier moment arrives in the log, clocks of several hosts considered."""


class Made(NamedTuple):
    """When a checkpoint of this size was made, as whoever keeps it noted."""

    size: int
    at: datetime


class PrunedParts:
    """The parts of a log that prunings have reached."""

    def __init__(
        self, prunings: Iterable[Pruning], kept: Callable[[], Iterable[Made]], *, now: datetime
    ) -> None:
        """Take what the log announces.

        Args:
            prunings: As the log tells them.
            kept: Checkpoints that are kept outside the database, in any order; there may be millions, which
                are read twice and not kept.
            now: The time of who verifies; a pruning that the law did not allow by then allows nothing.
        """
        lawful = [one for one in prunings if one.is_lawful(now)]
        parts = sorted(zip(_reaches(lawful, kept), (one.begins for one in lawful), strict=True))
        self._untils = [until for until, _ in parts]
        # Of all prunings that reached a record, the one of the earliest day decides how old it must be.
        latest = accumulate((begins for _, begins in reversed(parts)), min)
        self._begins = [instant(begins) for begins in latest][::-1]

    @property
    def until(self) -> int:
        """The sequence from which on no content may be missing."""
        return self._untils[-1] if self._untils else 0

    def may_reach(self, sequence: int, at: Any) -> bool:  # noqa: ANN401 - as stored
        """Tell whether a record below `until` is of a day that was not to be kept.

        A pruning reaches up to the first record of its day or later: none below it can be of that day.
        """
        part = bisect_right(self._untils, sequence)
        return isinstance(at, str) and at < self._begins[part]


def _reaches(prunings: Sequence[Pruning], kept: Callable[[], Iterable[Made]]) -> list[int]:
    """Give the sequences up to which they are believed: the records there were when the day had begun."""
    if not prunings:
        return []
    days = [one.begins + LATEST_ARRIVAL for one in prunings]
    newest = [-1] * len(days)
    for made in kept():
        for place, day in enumerate(days):
            if made.size > newest[place] and made.at < day:
                newest[place] = made.size
    reaches = [one.until for one in prunings]
    for made in kept():
        for place, size in enumerate(newest):
            if size < made.size < reaches[place]:
                reaches[place] = made.size
    return reaches
