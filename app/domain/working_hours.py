"""Hours and days of work as an operator writes them: `07:30-11:30,13:00-17:00` and `Mon-Fri`."""

import re
from datetime import time
from itertools import pairwise
from typing import Final

_PERIOD: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parsed_periods(written: str) -> tuple[tuple[time, time], ...]:
    """Read opening and closing times.

    Raises:
        ValueError: no `HH:MM-HH:MM` separated by commas, or not in order and apart.
    """
    forms = [_PERIOD.fullmatch(part.strip()) for part in written.split(",")]
    if None in forms:
        raise ValueError("working hours are HH:MM-HH:MM, separated by commas")
    numbers = [tuple(map(int, form.groups())) for form in forms if form is not None]
    periods = tuple((time(four[0], four[1]), time(four[2], four[3])) for four in numbers)
    moments = [moment for period in periods for moment in period]
    if any(later <= earlier for earlier, later in pairwise(moments)):
        raise ValueError("working hours are in order and apart")
    return periods


def parsed_weekdays(written: str) -> frozenset[int]:
    """Read days of the week, Monday being 0: names of three letters and spans of them, separated by commas.

    Raises:
        ValueError: another word, or a span that ends before it begins.
    """
    return frozenset(day for part in written.split(",") for day in _span(part.strip().lower()))


def _span(part: str) -> range:
    first, _, last = part.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS or part.endswith("-"):
        raise ValueError("working days are names as Mon or spans as Mon-Fri, separated by commas")
    span = range(_DAYS.index(first), _DAYS.index(last or first) + 1)
    if not span:
        raise ValueError("a span of working days ends before it begins")
    return span
