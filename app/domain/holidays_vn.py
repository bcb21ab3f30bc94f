"""Vietnam's days off and swapped working days, from the `holidays` library with corrections.

The law fixes some days; the rest is settled by a notice each year. For a year without its notice the library
guesses the span of Tết, the second day of 2/9 and the swaps, so a deployment puts what the
notice says over it (`day_override`).
"""

from collections.abc import Collection, Sequence
from datetime import date, time, timedelta
from typing import Final

import holidays

from app.domain.working_time import DEFAULT_PERIODS, MONDAY_TO_FRIDAY, WorkCalendar

YEARS: Final = range(2020, 2041)
"""Years whose days off are known or guessed; due dates in others are not to be counted."""

_NOTICED_YEARS: Final = range(2020, 2027)
_SATURDAY: Final = 5

# What the library does not know, each line from the year's notice.
_DAYS_OFF: Final = {
    date(2026, 1, 2): "Ngày nghỉ (thay cho ngày 10/01/2026)",
}
_EXTRA_WORKING_DAYS: Final = frozenset({date(2026, 1, 10)})


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
    library = holidays.country_holidays("VN", years=years, language="vi")
    swapped = {
        day for year in sorted(set(years)) for day in _weekend_days(year) if library.is_working_day(day)
    }
    return WorkCalendar(
        periods=periods,
        weekdays=weekdays,
        days_off={
            **{day: library[day] for day in sorted(library)},
            **{day: name for day, name in _DAYS_OFF.items() if day.year in years},
        },
        extra_working_days={*swapped, *(day for day in _EXTRA_WORKING_DAYS if day.year in years)},
    )


def _weekend_days(year: int) -> list[date]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((date(year, 12, 31) - first).days + 1))
    return [day for day in days if day.weekday() >= _SATURDAY]
