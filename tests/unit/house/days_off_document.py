"""Vietnam's days off, of the `holidays` library with our corrections. Run as a module, it writes the seed."""

import csv
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Final

import holidays

from app.domain.holidays_vn import YEARS

# What the library does not know, each line from the year's notice.
_DAYS_OFF: Final = {
    date(2026, 1, 2): "Ngày nghỉ (thay cho ngày 10/01/2026)",
}
_EXTRA_WORKING_DAYS: Final = frozenset({date(2026, 1, 10)})

_MADE_UP: Final = "Làm bù"
_SATURDAY: Final = 5


def days_off_file() -> str:
    """Write all years, day by day, in the columns of a notice's file."""
    library = holidays.country_holidays("VN", years=YEARS, language="vi")
    off = {day: library[day] for day in library if day.year in YEARS} | _DAYS_OFF
    worked = {day for day in _weekend_days() if library.is_working_day(day)} | _EXTRA_WORKING_DAYS
    rows = [(day, "off", name) for day, name in off.items()] + [(day, "working", _MADE_UP) for day in worked]
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["day", "kind", "name"])
    writer.writerows(sorted(rows))
    return out.getvalue()


def _weekend_days() -> Iterator[date]:
    day, end = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
    while day <= end:
        if day.weekday() >= _SATURDAY:
            yield day
        day += timedelta(days=1)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(days_off_file(), encoding="utf-8")
