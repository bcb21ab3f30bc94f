"""Vietnam's days off and swapped working days, from the `holidays` library with corrections.

The law fixes some days; the rest is settled by a notice each year. For a year without its notice the library
guesses the span of Tết, the second day of 2/9 and the swaps, so a deployment adds what the notice says.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final

import holidays

from app.domain.working_time import DEFAULT_PERIODS, MONDAY_TO_FRIDAY, WorkCalendar

_SATURDAY: Final = 5

# What the library does not know, each line from the year's notice.
_DAYS_OFF: Final = {
    date(2026, 1, 2): "Ngày nghỉ (thay cho ngày 10/01/2026)",
}
_EXTRA_WORKING_DAYS: Final = frozenset({date(2026, 1, 10)})


def vietnamese_calendar(
    years: Collection[int],
    *,
    days_off: Mapping[date, str] | None = None,
    extra_working_days: Collection[date] = (),
) -> WorkCalendar:
    """Build the calendar of the default working hours for these years.

    Args:
        years: Years whose days off are known; in others only the weekends are off.
        days_off: Days off beyond the library's, such as a city's own or a new notice's.
        extra_working_days: Days that are worked beyond the library's; they win over every day off.
    """
    library = holidays.country_holidays("VN", years=years, language="vi")
    swapped = {
        day for year in sorted(set(years)) for day in _weekend_days(year) if library.is_working_day(day)
    }
    return WorkCalendar(
        periods=DEFAULT_PERIODS,
        weekdays=MONDAY_TO_FRIDAY,
        days_off={
            **{day: library[day] for day in sorted(library)},
            **{day: name for day, name in _DAYS_OFF.items() if day.year in years},
            **(days_off or {}),
        },
        extra_working_days={
            *swapped,
            *(day for day in _EXTRA_WORKING_DAYS if day.year in years),
            *extra_working_days,
        },
    )


def _weekend_days(year: int) -> list[date]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((date(year, 12, 31) - first).days + 1))
    return [day for day in days if day.weekday() >= _SATURDAY]
