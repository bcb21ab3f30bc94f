"""Vietnam's days off and swapped working days, as the service comes with them.

The law fixes some days; the rest is settled by a notice each year. For a year without its notice the days
are guessed: the span of Tết, the second day of 2/9 and the swaps. So a deployment puts what the notice says
over them (`day_override`).
"""

import csv
from collections.abc import Collection, Sequence
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Final

from app.domain.day_override import NamedDay
from app.domain.working_time import DEFAULT_PERIODS, MONDAY_TO_FRIDAY, WorkCalendar

YEARS: Final = range(2020, 2041)
"""Years whose days off are known or guessed; due dates in others are not to be counted."""

_NOTICED_YEARS: Final = range(2020, 2027)

# In the columns of a notice's own file (`motcua calendar import`). `make holidays` writes it.
_DAYS: Final = Path(__file__).with_name("holidays_vn.csv")


def is_guessed(year: int) -> bool:
    """Tell whether the year's notice is not in what the service comes with."""
    return year not in _NOTICED_YEARS


def vietnamese_calendar(
    years: Collection[int],
    *,
    periods: Sequence[tuple[time, time]] = DEFAULT_PERIODS,
    weekdays: Collection[int] = MONDAY_TO_FRIDAY,
) -> WorkCalendar:
    """Build the calendar of these working hours and weekdays.

    Args:
        years: Years whose days off are known; in others only the days of rest of a week are off.
        periods: Opening and closing times of a day.
        weekdays: Days of the week that are worked, Monday being 0.
    """
    days = [named for named in _named_days() if named.day.year in years]
    return WorkCalendar(
        periods=periods,
        weekdays=weekdays,
        days_off={named.day: named.name for named in days if not named.is_working},
        extra_working_days={named.day for named in days if named.is_working},
    )


@cache
def _named_days() -> tuple[NamedDay, ...]:
    with _DAYS.open(encoding="utf-8", newline="") as stream:
        return tuple(
            NamedDay(date.fromisoformat(row["day"]), is_working=row["kind"] == "working", name=row["name"])
            for row in csv.DictReader(stream)
        )
