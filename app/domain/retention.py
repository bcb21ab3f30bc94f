"""How long audit records keep their content (thời hạn lưu giữ), and the record that says it was dropped.

Law 91/2025/QH15 Art. 3.3 and 14.1: personal data are kept no longer than their purpose needs.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from app.domain.working_time import VIETNAM_TIME

LEAST_MONTHS: Final = 12
"""Nobody may drop content that is younger, whatever the settings say."""

PRUNED: Final = "log-pruned"
"""Result of the CHANGE record that announces a pruning."""

_MONTHS: Final = 12


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or that month's last day if it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def oldest_kept(now: datetime, months: int) -> date:
    """Return the first day, Vietnam time, whose records are still within the retention."""
    return months_before(now.astimezone(VIETNAM_TIME).date(), months)


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
            at = datetime.fromisoformat(record["at"])
        except (KeyError, TypeError, ValueError):
            return None
        if record.get("result") != PRUNED or type(until) is not int:
            return None
        return cls(until, before, at)

    @property
    def is_lawful(self) -> bool:
        """Whether all that it dropped had been kept for as long as it must be."""
        return self.before <= oldest_kept(self.at, LEAST_MONTHS)
