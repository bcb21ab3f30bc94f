"""How long audit records keep their content (thời hạn lưu giữ), and the record that says it was dropped.

Law 91/2025/QH15 Art. 3.3 and 14.1: personal data are kept no longer than their purpose needs.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, Self

from app.domain.working_time import VIETNAM_TIME, vietnam_day

LEAST_MONTHS: Final = 12
"""Nobody may drop content that is younger, whatever the settings say."""

PRUNED: Final = "log-pruned"
"""Result of the CHANGE record that announces a pruning."""

_MONTHS: Final = 12

# No log is older.
_EARLIEST: Final = date(2000, 1, 1)


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or that month's last day if it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def oldest_kept(now: datetime, months: int) -> date:
    """Return the first day, Vietnam time, whose records are still within the retention."""
    return months_before(vietnam_day(now), months)


def beginning(day: date) -> datetime:
    """Return the moment at which a day begins in Vietnam."""
    return datetime.combine(day, time(), VIETNAM_TIME)


@dataclass(frozen=True, slots=True)
class Pruning:
    """A pruning as its CHANGE record tells it: content below the sequence `until` was dropped."""

    until: int
    before: date
    at: datetime

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self | None:
        """Read a CHANGE record; None if it announces no pruning, or none that could be."""
        try:
            details = record["details"]
            until, before = details["until"], date.fromisoformat(details["before"])
            at = datetime.fromisoformat(record["at"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        if record.get("result") != PRUNED or type(until) is not int or min(before, at.date()) < _EARLIEST:
            return None
        return cls(until, before, at)

    @property
    def begins(self) -> datetime:
        """The moment from which on nothing was dropped."""
        return beginning(self.before)

    def is_lawful(self, now: datetime) -> bool:
        """Whether all that it dropped had been kept for as long as it must be.

        What the record says of its own time is believed only as far as it has come: a clock is set ahead in
        no time.
        """
        return self.before <= oldest_kept(min(self.at, now), LEAST_MONTHS)
