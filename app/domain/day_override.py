"""What a notice says of single days, against the calendar that the service comes with."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.domain.working_time import WorkCalendar

MAX_NAME_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day, whether it is worked, and the name that people see."""

    day: date
    is_working: bool
    name: str


@dataclass(frozen=True, slots=True)
class DayOverride:
    """A named day that is in force, by whom and since when."""

    named: NamedDay
    made_by: str
    made_at: datetime


def with_overrides(seed: WorkCalendar, overrides: Iterable[NamedDay]) -> WorkCalendar:
    """Give the calendar with these days put over what it says of them, whichever way."""
    days = {named.day: named for named in overrides}
    days_off = {day: name for day, name in seed.days_off.items() if day not in days}
    extra = {day for day in seed.extra_working_days if day not in days}
    return replace(
        seed,
        days_off=days_off | {day: named.name for day, named in days.items() if not named.is_working},
        extra_working_days=extra | {day for day, named in days.items() if named.is_working},
    )
